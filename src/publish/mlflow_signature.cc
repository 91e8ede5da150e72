// [{"type": "double", "name": "age", "required": true}, ...]   Columns of a data frame.
// [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]
#include "publish/mlflow_signature.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

// What a type of MLflow or NumPy can be read as.
struct Meaning {
  std::string_view type;
  bool number = false;
  bool text = false;
};

// By what the type begins with: "integer", and with NumPy's widths "int64". "any" and what else is
// not listed say nothing.
constexpr auto kMeanings = std::to_array<Meaning>({
    {"bool", true, false},
    {"int", true, false},
    {"uint", true, false},
    {"long", true, false},
    {"float", true, false},
    {"double", true, false},
    {"str", false, true},
    {"binary", false, true},  // A vectoriser decodes it.
    {"bytes", false, true},
    {"datetime", false, false},
});

const Meaning* find_meaning(std::string_view type) {
  const auto* const at = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Meaning& each) {
    return type.starts_with(each.type);
  });
  return at == kMeanings.end() ? nullptr : at;
}

bool contradicts(std::string_view type, const data::Column& column) {
  const Meaning* const meaning = find_meaning(type);
  if (meaning == nullptr || !column.used) return false;
  return column.type == data::ColumnType::Number ? !meaning->number : !meaning->text;
}

Error contradiction(const std::string& what, const std::string& expected, const std::string& got) {
  return {Code::Conflict,
          fmt::format("MLmodel: {}: expected {}, as the pipeline reads it, got {}; log the model "
                      "with the signature of its rows, or register its file alone",
                      what, expected, got)};
}

base::Result<void> check_column(const std::string& type, const data::Column& column) {
  if (!contradicts(type, column)) return {};
  return contradiction("column " + base::quote(column.name),
                       column.type == data::ColumnType::Number ? "numbers" : "string",
                       base::quote(type));
}

base::Result<void> check_width(std::size_t width, const data::Signature& read) {
  if (width == read.columns.size()) return {};
  return contradiction("signature", fmt::format("{} features", read.columns.size()),
                       std::to_string(width));
}

std::string text_of(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

void read_tensor(const json& tensor, MlflowSignature& signature) {
  const auto spec = tensor.find("tensor-spec");
  if (spec == tensor.end() || !spec->is_object()) return;
  signature.tensor_type = text_of(*spec, "dtype");
  const auto shape = spec->find("shape");
  const bool is_matrix = shape != spec->end() && shape->is_array() && shape->size() == 2;
  if (is_matrix && (*shape)[1].is_number_integer()) {
    signature.tensor_width = std::max<std::int64_t>((*shape)[1].get<std::int64_t>(), -1);
  }
}

bool by_place(const MlflowSignature& signature) {
  return !signature.columns.empty() &&
         std::all_of(signature.columns.begin(), signature.columns.end(),
                     [](const auto& each) { return each.name.empty(); });
}

}  // namespace

base::Result<MlflowSignature> parse_mlflow_signature(std::string_view inputs) {
  const json list = json::parse(inputs, nullptr, false);
  if (!list.is_array()) return Error(Code::Invalid, "expected a JSON array of columns");
  MlflowSignature signature;
  for (const json& each : list) {
    if (!each.is_object()) continue;
    const std::string type = text_of(each, "type");
    if (type == "tensor") {
      // Several, with names, are what no model that is read here takes.
      if (list.size() == 1) read_tensor(each, signature);
    } else if (std::string name = text_of(each, "name"); !name.empty() || !type.empty()) {
      signature.columns.push_back({.name = std::move(name), .type = type});
    }
  }
  return signature;
}

base::Result<void> check_signature(const MlflowSignature& signature, const data::Signature& read,
                                   std::vector<std::string>& notes) {
  if (signature.tensor_width >= 0) {
    TRY(check_width(static_cast<std::size_t>(signature.tensor_width), read));
  }
  for (const data::Column& column : read.columns) {
    TRY(check_column(signature.tensor_type, column));
  }
  const bool placed = by_place(signature);
  if (placed) TRY(check_width(signature.columns.size(), read));
  for (std::size_t i = 0; i < signature.columns.size(); ++i) {
    const MlflowSignature::Column& each = signature.columns[i];
    const auto at = placed ? std::optional(i) : read.find(each.name);
    if (at) {
      TRY(check_column(each.type, read.columns[*at]));
    } else if (!each.name.empty()) {
      notes.push_back(fmt::format("MLmodel names a column {} that the model does not read",
                                  base::quote(each.name)));
    }
  }
  return {};
}

void complete_inputs(const MlflowSignature& signature,
                     std::vector<model::Description::Input>& inputs) {
  for (const MlflowSignature::Column& each : signature.columns) {
    const Meaning* const meaning = find_meaning(each.type);
    if (each.name.empty() || meaning == nullptr || meaning->number == meaning->text) continue;
    for (model::Description::Input& input : inputs) {
      if (input.name != each.name || input.used) continue;
      input.type = data::column_type_name(meaning->number ? data::ColumnType::Number
                                                          : data::ColumnType::Text);
    }
  }
}

}  // namespace publish
