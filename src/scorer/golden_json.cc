// golden.json:
//   {"answers":[{"labels"|"numbers":[[...], ...],"method":...,"names":[...]}],
//    "columns":[...],"left_out":[...],"queries":[...] | "rows":[[...], ...],"source":...}
// A cell or number that is not finite stands as "nan", "inf" or "-inf"; a missing cell as null.

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "scorer/golden.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kBytesMax = 64 << 20;
constexpr std::size_t kColumnsMax = 1'000'000;

Error bad(std::string_view where, std::string_view expected) {
  return {Code::Corrupt, fmt::format("golden rows: {}: expected {}", where, expected)};
}

json number_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

// A number, or what stands for one that JSON does not have. A text cell cannot be mistaken for
// it: rows keep texts in an array of their own kind, {"t": ...}.
std::optional<double> number_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

json cell_json(const Examples::Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return number_json(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return json{{"t", *text}};
  return nullptr;
}

base::Result<Examples::Cell> cell_of(const json& value) {
  if (value.is_null()) return Examples::Cell();
  if (const auto number = number_of(value)) return Examples::Cell(*number);
  const auto text = value.is_object() ? value.find("t") : value.end();
  if (!value.is_object() || text == value.end() || !text->is_string()) {
    return bad("rows", "numbers, texts or null");
  }
  return Examples::Cell(text->get<std::string>());
}

base::Result<std::vector<std::string>> texts_of(const json& object, const char* key) {
  std::vector<std::string> texts;
  const auto at = object.find(key);
  if (at == object.end()) return texts;
  if (!at->is_array() || at->size() > kColumnsMax) return bad(key, "an array of texts");
  for (const json& each : *at) {
    if (!each.is_string()) return bad(key, "an array of texts");
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

json answered_json(const Answered& answered) {
  const bool labels = answered.numbers.empty();
  json rows = json::array();
  const std::size_t width = answered.names.size();
  for (std::size_t r = 0; r < answered.rows(); ++r) {
    json row = json::array();
    for (std::size_t c = 0; c < width; ++c) {
      const std::size_t at = r * width + c;
      row.push_back(labels ? json(answered.labels[at]) : number_json(answered.numbers[at]));
    }
    rows.push_back(std::move(row));
  }
  return {{"method", answered.method},
          {"names", answered.names},
          {labels ? "labels" : "numbers", rows}};
}

base::Result<void> read_cells(const json& rows, bool labels, Answered& answered) {
  if (!rows.is_array() || rows.size() > Golden::kRowsMax) return bad("answers", "an array of rows");
  for (const json& row : rows) {
    if (!row.is_array() || row.size() != answered.names.size()) {
      return bad("answers", "as many cells in each row as names");
    }
    for (const json& cell : row) {
      const auto number = labels ? std::optional<double>() : number_of(cell);
      if (labels ? !cell.is_string() : !number.has_value()) {
        return bad("answers", labels ? "labels as texts" : "numbers");
      }
      if (labels) {
        answered.labels.push_back(cell.get<std::string>());
      } else {
        answered.numbers.push_back(*number);
      }
    }
  }
  return {};
}

base::Result<Answered> answered_of(const json& object) {
  if (!object.is_object() || !object.contains("method") || !object["method"].is_string()) {
    return bad("answers", "objects with a method");
  }
  Answered answered{
      .method = object["method"].get<std::string>(), .names = {}, .numbers = {}, .labels = {}};
  TRY_ASSIGN(answered.names, texts_of(object, "names"));
  const bool labels = object.contains("labels");
  if (labels == object.contains("numbers")) return bad("answers", "either numbers or labels");
  TRY(read_cells(object.at(labels ? "labels" : "numbers"), labels, answered));
  return answered;
}

base::Result<void> read_rows(const json& object, Golden& golden) {
  const auto rows = object.find("rows");
  if (rows == object.end()) return {};
  if (!rows->is_array() || rows->size() > Golden::kRowsMax) return bad("rows", "an array of rows");
  for (const json& row : *rows) {
    if (!row.is_array() || row.size() != golden.columns.size()) {
      return bad("rows", "as many cells in each row as columns");
    }
    std::vector<Examples::Cell> cells;
    for (const json& each : row) {
      TRY_ASSIGN(Examples::Cell cell, cell_of(each));
      cells.push_back(std::move(cell));
    }
    golden.examples.rows.push_back(std::move(cells));
  }
  return {};
}

}  // namespace

std::string Golden::json() const {
  nlohmann::json object = {{"source", source}, {"columns", columns}, {"left_out", left_out}};
  object["answers"] = nlohmann::json::array();
  for (const Answered& each : answers) object["answers"].push_back(answered_json(each));
  if (!examples.queries.empty()) object["queries"] = examples.queries;
  if (!examples.rows.empty()) {
    object["rows"] = nlohmann::json::array();
    for (const auto& row : examples.rows) {
      nlohmann::json cells = nlohmann::json::array();
      for (const Examples::Cell& each : row) cells.push_back(cell_json(each));
      object["rows"].push_back(std::move(cells));
    }
  }
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<Golden> Golden::parse(std::string_view text) {
  if (text.size() > kBytesMax) return bad("file", fmt::format("at most {} bytes", kBytesMax));
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_discarded() || !object.is_object()) return bad("file", "a JSON object");
  Golden golden;
  const auto source = object.find("source");
  if (source == object.end() || !source->is_string()) return bad("source", "a text");
  golden.source = source->get<std::string>();
  TRY_ASSIGN(golden.columns, texts_of(object, "columns"));
  TRY_ASSIGN(golden.left_out, texts_of(object, "left_out"));
  TRY_ASSIGN(golden.examples.queries, texts_of(object, "queries"));
  if (golden.examples.queries.size() > kRowsMax) return bad("queries", "fewer");
  TRY(read_rows(object, golden));
  const auto answers = object.find("answers");
  if (answers == object.end() || !answers->is_array()) return bad("answers", "an array");
  for (const nlohmann::json& each : *answers) {
    TRY_ASSIGN(Answered answered, answered_of(each));
    if (answered.rows() != golden.examples.count()) return bad("answers", "one for each row");
    golden.answers.push_back(std::move(answered));
  }
  return golden;
}

}  // namespace scorer
