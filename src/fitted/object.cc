#include "fitted/object.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "fitted/pandas.h"
#include "pickle/numbers.h"

namespace fitted {
namespace {

using base::Code;
using base::Error;
using pickle::Kind;
using pickle::Value;

std::string shape_text(const pickle::Array& array) {
  return fmt::format("{}{}[{}]",
                     array.dtype.kind == 'O' ? "object" : std::string(1, array.dtype.kind),
                     array.dtype.kind == 'O' ? "" : std::to_string(array.dtype.size * 8),
                     fmt::join(array.shape, ", "));
}

Error expected(std::string_view what, Value got) {
  return {Code::Corrupt, fmt::format("expected {}, got {}", what, describe(got))};
}

}  // namespace

Release Release::parse(std::string_view text) {
  Release release;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, release.major);
  if (major.ec == std::errc{} && major.ptr != end && *major.ptr == '.') {
    std::from_chars(major.ptr + 1, end, release.minor);
  }
  return release;
}

std::string describe(Value value) {
  if (const pickle::Array* array = value.array(); array != nullptr && !array->shape.empty()) {
    return shape_text(*array);
  }
  if (const auto text = value.as_string()) return base::quote(*text);
  if (const auto flag = value.as_bool()) return *flag ? "True" : "False";
  if (const auto integer = value.as_int()) return std::to_string(*integer);
  if (const auto number = value.as_float()) return fmt::format("{}", *number);
  if (const pickle::Record* record = value.record()) {
    return fmt::format("a {}.{}", record->module(), record->name());
  }
  if (value.is(Kind::Global)) return fmt::format("{}.{}", value.module(), value.name());
  if (value.is(Kind::List) || value.is(Kind::Tuple) || value.is(Kind::Set)) {
    return fmt::format("a {} of {}", pickle::kind_name(value.kind()), value.items().size());
  }
  return std::string(pickle::kind_name(value.kind()));
}

base::Result<std::vector<Value>> values_of(Value wrapped) {
  const Value value = unwrap_index(wrapped);
  if (const pickle::Array* array = value.array(); array != nullptr && array->dtype.kind == 'O') {
    return std::vector<Value>(array->objects.begin(), array->objects.end());
  }
  if (!value.is(Kind::List) && !value.is(Kind::Tuple)) {
    return expected("a list", value);
  }
  return std::vector<Value>(value.items().begin(), value.items().end());
}

base::Result<std::vector<double>> doubles_of(Value wrapped) {
  const Value value = unwrap_index(wrapped);
  if (const pickle::Array* array = value.array(); array != nullptr && array->dtype.kind != 'O') {
    return pickle::to_doubles(*array);
  }
  if (const auto number = value.as_float()) return std::vector<double>{*number};
  TRY_ASSIGN(const std::vector<Value> items, values_of(value));
  std::vector<double> numbers;
  numbers.reserve(items.size());
  for (const Value item : items) {
    const auto number = item.as_float();
    if (!number && !item.is_none()) return expected("a number", item);
    numbers.push_back(number.value_or(std::nan("")));
  }
  return numbers;
}

namespace {

base::Result<std::vector<std::string>> present_texts(base::Result<std::vector<PandasCell>> cells,
                                                     Value value) {
  if (!cells.ok()) return std::move(cells).error();
  std::vector<std::string> texts;
  for (PandasCell& cell : *cells) {
    auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr) return expected("texts", value);
    texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace

base::Result<std::vector<std::string>> texts_of(Value wrapped) {
  const Value value = unwrap_index(wrapped);
  if (auto cells = find_string_array(value)) return present_texts(*std::move(cells), value);
  if (const pickle::Array* array = value.array();
      array != nullptr && (array->dtype.kind == 'U' || array->dtype.kind == 'S')) {
    return pickle::to_strings(*array);
  }
  TRY_ASSIGN(const std::vector<Value> items, values_of(value));
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const Value item : items) {
    const auto text = item.as_string();
    if (!text) return expected("a text", item);
    texts.emplace_back(*text);
  }
  return texts;
}

std::optional<std::size_t> find_label(const data::Labels& labels, Value value) {
  for (std::size_t i = 0; i < data::label_count(labels); ++i) {
    const bool same = std::visit(
        [&](const auto& of_type) {
          using Labels = std::decay_t<decltype(of_type)>;
          if constexpr (std::is_same_v<Labels, std::monostate>) {
            return false;
          } else if constexpr (std::is_same_v<Labels, std::vector<std::string>>) {
            return value.as_string() == std::string_view(of_type[i]);
          } else {
            return value.as_float() == static_cast<double>(of_type[i]);
          }
        },
        labels);
    if (same) return i;
  }
  return std::nullopt;
}

base::Result<data::Labels> labels_of(Value value) {
  if (const pickle::Array* array = value.array(); array != nullptr) {
    if (array->dtype.kind == 'b') {
      TRY_ASSIGN(const auto integers, pickle::to_int64s(*array));
      return data::Labels(std::vector<bool>(integers.begin(), integers.end()));
    }
    if (array->dtype.kind == 'i' || array->dtype.kind == 'u') {
      TRY_ASSIGN(auto integers, pickle::to_int64s(*array));
      return data::Labels(std::move(integers));
    }
    if (array->dtype.kind == 'f') {
      TRY_ASSIGN(auto numbers, pickle::to_doubles(*array));
      return data::Labels(std::move(numbers));
    }
  }
  if (auto texts = texts_of(value); texts.ok()) return data::Labels(*std::move(texts));
  TRY_ASSIGN(const std::vector<Value> items, values_of(value));
  if (!items.empty() && items.front().as_bool()) {
    std::vector<bool> flags;
    for (const Value item : items) {
      const auto flag = item.as_bool();
      if (!flag) return expected("a bool", item);
      flags.push_back(*flag);
    }
    return data::Labels(std::move(flags));
  }
  std::vector<std::int64_t> integers;
  for (const Value item : items) {
    const auto integer = item.as_int();
    if (!integer) return expected("labels of one type", item);
    integers.push_back(*integer);
  }
  return data::Labels(std::move(integers));
}

base::Result<Object> Object::of(Value value, Release release) {
  const pickle::Record* record = value.record();
  if (record == nullptr || record->name().empty()) {
    return Error(Code::Unsupported,
                 fmt::format("expected a fitted estimator, got {}", describe(value)));
  }
  if (const auto version = value.find("_sklearn_version")) {
    if (const auto text = version->as_string()) release = Release::parse(*text);
  }
  return Object(value, *record, release);
}

std::string Object::package() const { return package_of(module()); }

std::string package_of(std::string_view name) {
  std::size_t end = name.find('.');
  if (name.substr(0, end) == "sklearn" && end != std::string_view::npos) {
    end = name.find('.', end + 1);
  }
  return std::string(name.substr(0, end));
}

std::string Object::title() const { return fmt::format("{}.{}", package(), record_->name()); }

std::optional<Value> Object::find(std::string_view attribute) const {
  const auto found = value_.find(attribute);
  if (!found || found->is_none()) return std::nullopt;
  return found;
}

Error Object::unexpected(std::string_view attribute, std::string_view what,
                         std::string_view got) const {
  return {Code::Corrupt,
          fmt::format("{} {}: expected {}, got {}", title(), base::quote(attribute), what, got)};
}

Error Object::unexpected(std::string_view attribute, std::string_view what, Value got) const {
  return unexpected(attribute, what, describe(got));
}

Error Object::unsupported(std::string_view attribute, std::string_view what,
                          std::string_view got) const {
  return {Code::Unsupported,
          fmt::format("{} {}: expected {}, got {}", title(), base::quote(attribute), what, got)};
}

base::Result<Value> Object::get(std::string_view attribute) const {
  const auto found = value_.find(attribute);
  if (!found) {
    return Error(Code::Corrupt,
                 fmt::format("{} {}: expected this attribute of a fitted estimator, got none",
                             title(), base::quote(attribute)));
  }
  return *found;
}

base::Result<double> Object::number(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  if (const auto number = value.as_float()) return *number;
  return unexpected(attribute, "a number", value);
}

base::Result<std::int64_t> Object::integer(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  if (const auto integer = value.as_int()) return *integer;
  return unexpected(attribute, "an integer", value);
}

base::Result<bool> Object::flag(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  if (const auto flag = value.as_bool()) return *flag;
  if (const auto integer = value.as_int(); integer == 0 || integer == 1) return *integer == 1;
  return unexpected(attribute, "True or False", value);
}

base::Result<bool> Object::flag_or(std::string_view attribute, bool absent) const {
  return has(attribute) ? flag(attribute) : base::Result<bool>(absent);
}

base::Result<std::string> Object::text(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  if (const auto text = value.as_string()) return std::string(*text);
  return unexpected(attribute, "a text", value);
}

base::Result<std::string> Object::text_or(std::string_view attribute,
                                          std::string_view absent) const {
  return has(attribute) ? text(attribute) : base::Result<std::string>(std::string(absent));
}

base::Result<std::vector<double>> Object::doubles(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  auto numbers = doubles_of(value);
  if (!numbers.ok()) return unexpected(attribute, "numbers", value);
  return numbers;
}

base::Result<std::vector<double>> Object::doubles(std::string_view attribute,
                                                  std::size_t count) const {
  TRY_ASSIGN(auto numbers, doubles(attribute));
  if (numbers.size() != count) {
    return unexpected(attribute, fmt::format("{} numbers", count), std::to_string(numbers.size()));
  }
  return numbers;
}

base::Result<Table> Object::table(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  const pickle::Array* array = value.array();
  if (array == nullptr || array->shape.empty() || array->shape.size() > 2) {
    return unexpected(attribute, "a matrix of numbers", value);
  }
  if (array->elements() == 0) return unexpected(attribute, "at least one number", value);
  const bool flat = array->shape.size() == 1;
  Table table;
  table.rows = flat ? 1 : array->shape[0];
  table.columns = flat ? array->shape[0] : array->shape[1];
  if (const auto found = pickle::find_doubles(*array)) {
    table.doubles = *found;
    table.column_major = array->fortran && !flat;
    return table;
  }
  TRY_ASSIGN(table.converted, doubles(attribute));
  table.doubles = std::as_bytes(std::span(table.converted));
  return table;
}

base::Result<std::vector<std::int64_t>> Object::integers(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  if (const pickle::Array* array = value.array(); array != nullptr && array->dtype.kind != 'O') {
    auto integers = pickle::to_int64s(*array);
    if (!integers.ok()) return unexpected(attribute, "integers", value);
    return integers;
  }
  if (const auto integer = value.as_int()) return std::vector<std::int64_t>{*integer};
  auto items = values_of(value);
  if (!items.ok()) return unexpected(attribute, "integers", value);
  std::vector<std::int64_t> integers;
  for (const Value item : *items) {
    const auto integer = item.as_int();
    if (!integer) return unexpected(attribute, "integers", item);
    integers.push_back(*integer);
  }
  return integers;
}

base::Result<std::vector<std::string>> Object::texts(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  auto texts = texts_of(value);
  if (!texts.ok()) return unexpected(attribute, "texts", value);
  return texts;
}

base::Result<std::vector<Value>> Object::list(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  auto items = values_of(value);
  if (!items.ok()) return unexpected(attribute, "a list", value);
  return items;
}

base::Result<data::Labels> Object::labels(std::string_view attribute) const {
  TRY_ASSIGN(const Value value, get(attribute));
  auto labels = labels_of(value);
  if (!labels.ok()) return unexpected(attribute, "labels of one type", value);
  return labels;
}

}  // namespace fitted
