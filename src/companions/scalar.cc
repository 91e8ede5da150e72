#include "companions/scalar.h"

#include <array>
#include <cmath>

#include "fitted/pandas.h"
#include "pickle/numbers.h"

namespace companions {
namespace {

using What = Holds::What;

Holds of_dtype(const pickle::DType& dtype) {
  Holds holds;
  holds.bits = dtype.size * 8;
  switch (dtype.kind) {
    case 'b': return {What::Number, NumberKind::Bool};
    case 'i':
    case 'u':
      holds.what = What::Number;
      holds.kind = NumberKind::Int;
      holds.is_signed = dtype.kind == 'i';
      return holds;
    case 'f':
      holds.what = What::Number;
      holds.kind = NumberKind::Float;
      holds.single = dtype.size == 4;
      return holds;
    case 'U':
    case 'S': return {What::Text};
    case 'M': return {What::Seconds};
    default: return {};
  }
}

// What Python, NumPy and pandas call them.
std::optional<Holds> of_name(std::string_view name) {
  struct Row {
    std::string_view name;
    Holds holds;
  };
  static const std::array<Row, 30> kRows = {{
      {"bool", {What::Number, NumberKind::Bool}},
      {"bool_", {What::Number, NumberKind::Bool}},
      {"boolean", {What::Number, NumberKind::Bool}},
      {"category", {What::Category}},
      {"datetime64[D]", {What::Date}},
      {"datetime64[ns]", {What::Seconds}},
      {"datetime64[s]", {What::Seconds}},
      {"float", {What::Number, NumberKind::Float}},
      {"float32", {What::Number, NumberKind::Float, 32, true, true}},
      {"float64", {What::Number, NumberKind::Float}},
      {"Float64", {What::Number, NumberKind::Float}},
      {"float_", {What::Number, NumberKind::Float}},
      {"double", {What::Number, NumberKind::Float}},
      {"int", {What::Number, NumberKind::Int}},
      {"int8", {What::Number, NumberKind::Int, 8}},
      {"int16", {What::Number, NumberKind::Int, 16}},
      {"int32", {What::Number, NumberKind::Int, 32}},
      {"int64", {What::Number, NumberKind::Int}},
      {"int_", {What::Number, NumberKind::Int}},
      {"uint8", {What::Number, NumberKind::Int, 8, false}},
      {"uint16", {What::Number, NumberKind::Int, 16, false}},
      {"uint32", {What::Number, NumberKind::Int, 32, false}},
      {"uint64", {What::Number, NumberKind::Int, 64, false}},
      {"object", {What::Unknown}},
      {"object_", {What::Unknown}},
      {"O", {What::Unknown}},
      {"str", {What::Text}},
      {"str_", {What::Text}},
      {"string", {What::Text}},
      {"unicode", {What::Text}},
  }};
  for (const Row& row : kRows) {
    if (row.name == name) return row.holds;
  }
  // pandas' own integers: Int8 to UInt64.
  if (!name.starts_with("Int") && !name.starts_with("UInt")) return std::nullopt;
  const bool is_signed = name.starts_with("Int");
  const auto of_numpy =
      of_name((is_signed ? "int" : "uint") + std::string(name.substr(is_signed ? 3 : 4)));
  if (!of_numpy) return std::nullopt;
  Holds holds = *of_numpy;
  holds.nullable = true;
  return holds;
}

// The categories of a CategoricalDtype, where it has some that are all numbers or all texts.
Holds of_categorical(Value dtype, const pickle::Record& record) {
  Holds holds{What::Category};
  auto list = dtype.find("categories");
  if (!list && !record.args.empty()) list = record.args[0];
  if (!list || list->is_none()) return holds;
  const auto cells = fitted::cells_of(*list);
  if (!cells.ok()) return holds;
  std::vector<std::pair<double, std::int32_t>> numbers;
  std::vector<std::pair<std::string, std::int32_t>> texts;
  std::int32_t code = 0;
  for (const fitted::PandasCell& cell : *cells) {
    if (const double* number = std::get_if<double>(&cell)) numbers.emplace_back(*number, code);
    if (const auto* text = std::get_if<std::string>(&cell)) texts.emplace_back(*text, code);
    ++code;
  }
  const auto count = static_cast<std::size_t>(code);
  if (count > 0 && numbers.size() == count) {
    holds.categories = std::make_shared<plan::Categories>(plan::Categories::of_numbers(numbers));
  } else if (count > 0 && texts.size() == count) {
    holds.categories =
        std::make_shared<plan::Categories>(plan::Categories::of_texts(std::move(texts)));
  }
  return holds;
}

}  // namespace

NumberKind number_kind_of(Value value) {
  if (value.as_bool()) return NumberKind::Bool;
  return value.as_int() ? NumberKind::Int : NumberKind::Float;
}

plan::CellRules::Put put_of(Value value) {
  if (const auto text = value.as_string()) return std::string(*text);
  if (const auto number = value.as_float(); number && !std::isnan(*number)) return *number;
  return std::monostate();
}

std::optional<Holds> holds_of(Value value) {
  if (const pickle::DType* dtype = value.dtype()) return of_dtype(*dtype);
  if (const auto name = value.as_string()) return of_name(*name);
  if (value.is(pickle::Kind::Global)) return of_name(value.name());
  const pickle::Record* record = value.record();
  if (record == nullptr) return std::nullopt;
  if (record->name() == "CategoricalDtype") return of_categorical(value, *record);
  if (record->name() == "StringDtype") return Holds{What::Text};
  // A type of Python's own as dill writes it: _load_type("int").
  if (record->name() == "_load_type" && record->args.size() == 1) {
    const auto name = record->args[0].as_string();
    return name ? of_name(*name) : std::nullopt;
  }
  if (record->name().ends_with("Dtype")) {
    std::string_view name = record->name();
    name.remove_suffix(5);
    return of_name(name);
  }
  return std::nullopt;
}

base::Result<Values> read_values(const Object& object, std::string_view attribute, Value wrapped) {
  const Value value = fitted::unwrap_index(wrapped);
  Values values;
  const pickle::Array* array = value.array();
  if (array != nullptr) values.kind = of_dtype(array->dtype).kind;
  if (array != nullptr && array->dtype.kind != 'O' && array->dtype.kind != 'U' &&
      array->dtype.kind != 'S') {
    TRY_ASSIGN(values.numbers, doubles_of(value));
    return values;
  }
  if (auto texts = texts_of(value); texts.ok()) {
    values.texts = *std::move(texts);
    return values;
  }
  auto items = values_of(value);
  if (!items.ok()) return object.unexpected(attribute, "a list of values", value);
  bool flags = !items->empty();
  for (const Value item : *items) {
    const auto put = put_of(item);
    if (const double* number = std::get_if<double>(&put)) values.numbers.push_back(*number);
    if (const auto* text = std::get_if<std::string>(&put)) values.texts.push_back(*text);
    flags = flags && (item.as_bool().has_value() || std::holds_alternative<std::monostate>(put));
  }
  if (!values.numbers.empty() && !values.texts.empty()) {
    return object.unsupported(attribute, "numbers or texts, not both in one column",
                              describe(value));
  }
  if (flags) values.kind = NumberKind::Bool;
  return values;
}

}  // namespace companions
