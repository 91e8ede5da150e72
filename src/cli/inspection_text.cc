#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/inspection.h"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumnsShown = 50;
constexpr std::size_t kLabelsShown = 10;

std::vector<std::string> first_labels(const data::Labels& labels, bool quoted) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(data::label_count(labels), kLabelsShown); ++i) {
    const std::string text = data::label_text(labels, i);
    texts.push_back(quoted ? base::quote(text) : text);
  }
  return texts;
}

void append_file(const Inspection& each, std::string& out) {
  out +=
      fmt::format("file      {}, {}", base::quote(each.path), base::human_bytes(each.file_bytes));
  if (each.container != "raw") {
    out += fmt::format(", {}, {} unpacked", each.container, base::human_bytes(each.stream_bytes));
  }
  if (each.protocol) out += fmt::format(", pickle protocol {}", *each.protocol);
  out += '\n';
  if (!each.origin.versions.empty()) {
    out += fmt::format("written   {}\n", fmt::join(each.origin.versions, ", "));
  }
  std::vector<std::string> packages;
  for (const std::string& package : each.origin.packages) packages.push_back(base::quote(package));
  if (!packages.empty()) out += fmt::format("packages  {}\n", fmt::join(packages, ", "));
}

std::string held_by(const data::Column& column) {
  std::string_view what = data::column_type_name(column.type);
  if (column.json == data::Json::Object) what = "an object of numbers and texts";
  if (column.json == data::Json::Pairs) what = "a list of pairs of a text and a number or text";
  if (column.json == data::Json::Strings) what = "a list of texts";
  return fmt::format("{}{}", what, column.whole ? ", which is the row itself" : "");
}

void append_columns(const data::Signature& signature, bool any, std::string& out) {
  if (any) {
    out +=
        "\ninput of as many columns as rows have: the model does not say how many. What follows is "
        "for one\n";
    return;
  }
  out += fmt::format("\ninput of {} columns\n", signature.columns.size());
  for (std::size_t i = 0; i < std::min(signature.columns.size(), kColumnsShown); ++i) {
    const data::Column& column = signature.columns[i];
    out += fmt::format("  {}: {}{}{}\n", base::quote(column.name), held_by(column),
                       column.used ? "" : ", not used by the model",
                       column.optional ? ", may be omitted" : "");
  }
  if (signature.columns.size() > kColumnsShown) {
    out += fmt::format("  ... and {} more\n", signature.columns.size() - kColumnsShown);
  }
}

void append_method(const Inspection::Method& each, std::string& out) {
  out += fmt::format("\n{}: {} {}, about {:.3g} us a row\n", plan::method_name(each.method),
                     each.output.names.size(), each.output.names.size() == 1 ? "column" : "columns",
                     each.row_us);
  for (const data::Labels& labels : each.output.classes) {
    const std::size_t count = data::label_count(labels);
    out +=
        fmt::format("  one of {}{}\n", fmt::join(first_labels(labels, true), ", "),
                    count > kLabelsShown ? fmt::format(" and {} more", count - kLabelsShown) : "");
  }
  for (const std::string& step : each.steps) out += fmt::format("  {}\n", step);
}

Json outline_json(const sklearn::Outline& outline) {
  Json json;
  if (!outline.name.empty()) json["name"] = outline.name;
  json["is"] = outline.title;
  for (const auto& [name, value] : outline.parameters) json["parameters"][name] = value;
  for (const sklearn::Outline& part : outline.parts) json["parts"].push_back(outline_json(part));
  return json;
}

Json method_json(const Inspection::Method& each) {
  Json json = {{"method", plan::method_name(each.method)},
               {"columns", each.output.names},
               {"row_us", each.row_us},
               {"plan", each.steps}};
  for (const data::Labels& labels : each.output.classes) {
    Json texts = Json::array();
    for (std::size_t i = 0; i < data::label_count(labels); ++i) {
      texts.push_back(data::label_text(labels, i));
    }
    json["classes"].push_back(std::move(texts));
  }
  return json;
}

}  // namespace

std::string to_text(const Inspection& inspection) {
  std::string out;
  append_file(inspection, out);
  out += '\n';
  out += sklearn::outline_text(inspection.outline);
  if (!inspection.problems.empty()) out += "\nwhat cannot be run\n";
  for (const fitted::Problem& problem : inspection.problems) {
    out += fmt::format("  {}: {}\n", problem.path, base::printable(problem.error.message()));
  }
  if (inspection.methods.empty()) return out;
  append_columns(inspection.signature, inspection.any_columns, out);
  for (const Inspection::Method& method : inspection.methods) append_method(method, out);
  return out;
}

std::string to_json(const Inspection& inspection) {
  Json json = {{"file",
                {{"path", inspection.path},
                 {"bytes", inspection.file_bytes},
                 {"container", inspection.container},
                 {"unpacked_bytes", inspection.stream_bytes}}},
               {"written_by", inspection.origin.versions},
               {"packages", inspection.origin.packages},
               {"model", outline_json(inspection.outline)}};
  if (inspection.protocol) json["file"]["protocol"] = *inspection.protocol;
  json["problems"] = Json::array();
  for (const fitted::Problem& problem : inspection.problems) {
    json["problems"].push_back({{"path", problem.path},
                                {"code", base::code_name(problem.error.code())},
                                {"message", problem.error.message()}});
  }
  if (inspection.any_columns) json["any_columns"] = true;
  json["input"] = Json::array();
  for (const data::Column& column : inspection.signature.columns) {
    json["input"].push_back({{"name", column.name},
                             {"type", data::column_type_name(column.type)},
                             {"used", column.used}});
    if (column.optional) json["input"].back()["optional"] = true;
    if (column.json != data::Json::None) json["input"].back()["holds"] = held_by(column);
  }
  json["methods"] = Json::array();
  for (const Inspection::Method& method : inspection.methods) {
    json["methods"].push_back(method_json(method));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cli
