#include "model/description.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace model {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kBytesMax = 64 << 20;
constexpr std::int64_t kForm = 1;
constexpr std::size_t kRankMax = 64;

Error bad(std::string_view where, std::string_view expected) {
  return {Code::Corrupt, fmt::format("version.json: {}: expected {}", where, expected)};
}

// JSON has no infinity, and an error can be infinite.
json number_json(double value) {
  if (std::isfinite(value)) return value;
  return "inf";
}

json parity_json(const Parity& parity) {
  return {{"against", parity.against},
          {"rows", parity.rows},
          {"values", parity.values},
          {"equal", parity.equal},
          {"labels_differ", parity.labels_differ},
          {"abs_max", number_json(parity.abs_max)},
          {"rel_max", number_json(parity.rel_max)},
          {"tolerance", parity.tolerance},
          {"worst", parity.worst},
          {"not_compared", parity.not_compared}};
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Of a list whose end is still open.
void append_item(std::string& list, std::string_view item) {
  list.append(list.empty() ? "[" : ",").append(item);
}

// As text at once: a wide model has inputs by the hundred thousand, and a document of so many
// objects takes ten times as long to build.
std::string input_text(const Description::Input& input) {
  return fmt::format(
      R"({{{}"name":{},{}"type":{},"used":{}}})",
      input.categories.empty() ? "" : fmt::format(R"("categories":{},)", text_of(input.categories)),
      text_of(input.name), input.optional ? R"("optional":true,)" : "", text_of(input.type),
      input.used);
}

// Extents that are open are null, and the shape is where nothing is said of it.
std::string end_text(const engine::TensorSpec& end) {
  json shape = json::array();
  for (const std::int64_t extent : end.shape) {
    shape.push_back(extent == engine::kAnyExtent ? json() : json(extent));
  }
  return text_of({{"name", end.name},
                  {"datatype", data::datatype_name(end.type)},
                  {"shape", end.any_rank ? json() : std::move(shape)}});
}

std::string network_text(const Description::Network& network) {
  const auto list = [](const std::vector<engine::TensorSpec>& ends) {
    std::string text;
    for (const engine::TensorSpec& each : ends) append_item(text, end_text(each));
    return text.empty() ? "[]" : text + "]";
  };
  return fmt::format(R"({{"inputs":{},"outputs":{}}})", list(network.inputs),
                     list(network.outputs));
}

// Reads the fields of one object, and remembers the first that is not as it must be.
class Fields {
 public:
  Fields(const json& object, std::string_view where) : object_(object), where_(where) {
    if (!object.is_object()) fail("an object");
  }

  bool has(const char* key) const { return find(key) != nullptr; }
  void text(const char* key, std::string& value) {
    const json* at = find(key);
    if (at == nullptr) return;
    if (!at->is_string()) return fail(fmt::format("a text as \"{}\"", key));
    value = at->get<std::string>();
  }
  void count(const char* key, std::uint64_t& value) {
    const json* at = find(key);
    if (at == nullptr) return;
    if (!at->is_number_unsigned()) return fail(fmt::format("a count as \"{}\"", key));
    value = at->get<std::uint64_t>();
  }
  void flag(const char* key, bool& value) {
    const json* at = find(key);
    if (at == nullptr) return;
    if (!at->is_boolean()) return fail(fmt::format("true or false as \"{}\"", key));
    value = at->get<bool>();
  }
  void number(const char* key, double& value) {
    const json* at = find(key);
    if (at == nullptr) return;
    if (at->is_string()) {
      value = std::numeric_limits<double>::infinity();
    } else if (at->is_number()) {
      value = at->get<double>();
    } else {
      fail(fmt::format("a number as \"{}\"", key));
    }
  }
  void texts(const char* key, std::vector<std::string>& values) {
    const json* at = find(key);
    if (at == nullptr) return;
    if (!at->is_array()) return fail(fmt::format("texts as \"{}\"", key));
    for (const json& each : *at) {
      if (!each.is_string()) return fail(fmt::format("texts as \"{}\"", key));
      values.push_back(each.get<std::string>());
    }
  }
  template <typename Read>
  void list(const char* key, const Read& read) {
    const json* at = find(key);
    if (at == nullptr) return;
    if (!at->is_array()) return fail(fmt::format("a list as \"{}\"", key));
    for (const json& each : *at) {
      Fields fields(each, key);
      read(fields);
      if (!problem_ && fields.problem_) problem_ = std::move(fields.problem_);
    }
  }
  const json* find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto at = object_.find(key);
    return at == object_.end() ? nullptr : &*at;
  }
  void fail(std::string_view expected) {
    if (!problem_) problem_ = bad(where_, expected);
  }
  void fail(Error error) {
    if (!problem_) problem_ = std::move(error);
  }
  std::optional<Error>& problem() { return problem_; }

 private:
  const json& object_;
  std::string_view where_;
  std::optional<Error> problem_;
};

void read_file(Fields& fields, std::vector<Description::File>& files) {
  Description::File file;
  std::string digest;
  fields.text("name", file.name);
  file.own_layer = fields.has("layer");
  fields.text(file.own_layer ? "layer" : "digest", digest);
  fields.count("size", file.size);
  auto parsed = base::Digest::parse(digest);
  if (!parsed.ok()) return fields.fail(std::move(parsed).error());
  file.digest = *parsed;
  files.push_back(std::move(file));
}

json agreement_json(const Agreement& agreement) {
  json body = parity_json(agreement.parity);
  body["provider"] = agreement.provider;
  body["precision"] = agreement.precision;
  body["runtime"] = agreement.runtime;
  body["processor"] = agreement.processor;
  if (agreement.top1) body["top1"] = *agreement.top1;
  if (agreement.top5) body["top5"] = *agreement.top5;
  if (agreement.top_rows) body["top_rows"] = *agreement.top_rows;
  return body;
}

void read_end(Fields& fields, std::vector<engine::TensorSpec>& ends) {
  engine::TensorSpec end;
  fields.text("name", end.name);
  std::string type;
  fields.text("datatype", type);
  const auto datatype = data::parse_datatype(type);
  if (!datatype) return fields.fail("a datatype such as FP32");
  end.type = *datatype;
  const json* shape = fields.find("shape");
  end.any_rank = shape == nullptr || shape->is_null();
  if (!end.any_rank && (!shape->is_array() || shape->size() > kRankMax)) {
    return fields.fail("a list of extents as \"shape\"");
  }
  for (std::size_t i = 0; !end.any_rank && i < shape->size(); ++i) {
    const json& extent = (*shape)[i];
    if (!extent.is_null() && !extent.is_number_unsigned()) {
      return fields.fail("a list of extents as \"shape\"");
    }
    end.shape.push_back(extent.is_null() ? engine::kAnyExtent
                                         : static_cast<std::int64_t>(std::min<std::uint64_t>(
                                               extent.get<std::uint64_t>(), INT64_MAX)));
  }
  ends.push_back(std::move(end));
}

void read_parity(Fields& fields, Parity& parity) {
  fields.text("against", parity.against);
  fields.count("rows", parity.rows);
  fields.count("values", parity.values);
  fields.count("equal", parity.equal);
  fields.count("labels_differ", parity.labels_differ);
  fields.number("abs_max", parity.abs_max);
  fields.number("rel_max", parity.rel_max);
  fields.number("tolerance", parity.tolerance);
  fields.text("worst", parity.worst);
  fields.texts("not_compared", parity.not_compared);
}

void read_agreement(Fields& fields, Agreement& agreement) {
  read_parity(fields, agreement.parity);
  fields.text("provider", agreement.provider);
  fields.text("precision", agreement.precision);
  fields.text("runtime", agreement.runtime);
  fields.text("processor", agreement.processor);
  if (fields.has("top1")) fields.number("top1", agreement.top1.emplace());
  if (fields.has("top5")) fields.number("top5", agreement.top5.emplace());
  if (fields.has("top_rows")) fields.count("top_rows", agreement.top_rows.emplace());
}

}  // namespace

std::string to_json(const Parity& parity) { return text_of(parity_json(parity)); }

// The keys are sorted.
std::string Description::json() const {
  std::map<std::string_view, std::string> members = {
      {"form", text_of(kForm)},
      {"title", text_of(title)},
      {"engine", text_of(engine)},
      {"recipe", text_of(recipe)},
      {"written_by", text_of(written_by)},
      {"golden", text_of({{"source", golden_source}, {"rows", golden_rows}})}};
  for (const File& each : files) {
    append_item(members["files"],
                text_of({{"name", each.name},
                         {each.own_layer ? "layer" : "digest", each.digest.text()},
                         {"size", each.size}}));
  }
  for (const Input& each : inputs) append_item(members["inputs"], input_text(each));
  for (const Output& each : outputs) {
    nlohmann::json output = {{"method", each.method}, {"columns", each.columns}};
    if (!each.classes.empty()) output["classes"] = each.classes;
    append_item(members["outputs"], text_of(output));
  }
  for (const char* list : {"files", "inputs", "outputs"}) {
    if (members.contains(list)) members[list] += ']';
  }
  if (candidates > 0) members["candidates"] = text_of(candidates);
  if (network) members["network"] = network_text(*network);
  if (parity) members["parity"] = to_json(*parity);
  if (agreement) members["agreement"] = text_of(agreement_json(*agreement));
  std::string text;
  for (const auto& [key, value] : members) {
    text += text.empty() ? "{\"" : ",\"";
    text.append(key).append("\":").append(value);
  }
  return text + "}";
}

base::Result<Description> Description::parse(std::string_view text) {
  if (text.size() > kBytesMax) return bad("file", fmt::format("at most {} bytes", kBytesMax));
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_discarded()) return bad("file", "JSON");
  Fields fields(object, "file");
  Description description;
  std::uint64_t form = 0;
  fields.count("form", form);
  if (form != kForm) fields.fail(fmt::format("form {}", kForm));
  fields.text("title", description.title);
  fields.text("engine", description.engine);
  fields.text("recipe", description.recipe);
  fields.texts("written_by", description.written_by);
  fields.list("files", [&](Fields& each) { read_file(each, description.files); });
  fields.list("inputs", [&](Fields& each) {
    Input& input = description.inputs.emplace_back();
    each.text("name", input.name);
    each.text("type", input.type);
    each.flag("used", input.used);
    each.texts("categories", input.categories);
    each.flag("optional", input.optional);
  });
  fields.list("outputs", [&](Fields& each) {
    Output& output = description.outputs.emplace_back();
    each.text("method", output.method);
    each.count("columns", output.columns);
    each.texts("classes", output.classes);
  });
  fields.count("candidates", description.candidates);
  if (const auto* golden = fields.find("golden")) {
    Fields inner(*golden, "golden");
    inner.text("source", description.golden_source);
    inner.count("rows", description.golden_rows);
    if (inner.problem()) return *inner.problem();
  }
  if (const auto* network = fields.find("network")) {
    Fields inner(*network, "network");
    Network& ends = description.network.emplace();
    inner.list("inputs", [&](Fields& each) { read_end(each, ends.inputs); });
    inner.list("outputs", [&](Fields& each) { read_end(each, ends.outputs); });
    if (inner.problem()) return *inner.problem();
  }
  if (const auto* parity = fields.find("parity")) {
    Fields inner(*parity, "parity");
    read_parity(inner, description.parity.emplace());
    if (inner.problem()) return *inner.problem();
  }
  if (const auto* agreement = fields.find("agreement")) {
    Fields inner(*agreement, "agreement");
    read_agreement(inner, description.agreement.emplace());
    if (inner.problem()) return *inner.problem();
  }
  if (fields.problem()) return *fields.problem();
  return description;
}

}  // namespace model
