#include "sklearn_preparation/categories.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "pickle/numbers.h"
#include "sklearn_values/feature_names.h"

namespace sklearn {

using pickle::Value;

std::optional<std::size_t> FittedCategories::missing() const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (text ? !texts[i] : std::isnan(numbers[i])) return i;
  }
  return std::nullopt;
}

plan::Categories FittedCategories::with_codes(std::span<const std::int32_t> codes) const {
  if (!text) {
    std::vector<std::pair<double, std::int32_t>> coded;
    for (std::size_t i = 0; i < numbers.size(); ++i) coded.emplace_back(numbers[i], codes[i]);
    return plan::Categories::of_numbers(coded);
  }
  std::vector<std::pair<std::string, std::int32_t>> coded;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i]) coded.emplace_back(*texts[i], codes[i]);
  }
  auto categories = plan::Categories::of_texts(std::move(coded));
  if (const auto at = missing()) categories.set_missing(codes[*at]);
  return categories;
}

plan::Categories FittedCategories::in_order() const {
  std::vector<std::int32_t> codes(size());
  std::iota(codes.begin(), codes.end(), 0);
  return with_codes(codes);
}

std::string FittedCategories::name(std::size_t i) const {
  if (!names.empty()) return names[i];
  if (!text) return python_text(numbers[i], kind);
  return texts[i] ? *texts[i] : none ? "None" : "nan";
}

namespace {

plan::NumberKind kind_of_numbers(Value value) {
  using plan::NumberKind;
  const pickle::Array* array = value.array();
  const char kind = array != nullptr ? array->dtype.kind : 'O';
  if (kind == 'i' || kind == 'u') return NumberKind::Int;
  if (kind == 'f') return NumberKind::Float;
  if (kind == 'b') return NumberKind::Bool;
  const auto items = values_of(value);
  if (!items.ok() || items->empty()) return NumberKind::Unknown;
  const Value first = items->front();
  if (first.is(pickle::Kind::Bool)) return NumberKind::Bool;
  return first.is(pickle::Kind::Int) ? NumberKind::Int : NumberKind::Float;
}

std::string text_of(Value item, NumpyText numpy) {
  if (item.is_none()) return "None";
  if (const auto flag = item.as_bool()) return *flag ? "True" : "False";
  if (const auto integer = item.as_int()) return std::to_string(*integer);
  const pickle::Array* scalar = item.array();
  return numpy_text(item.as_float().value_or(std::nan("")),
                    scalar == nullptr ? sizeof(double) : scalar->dtype.size, numpy);
}

// What Python's str() makes of categories that are numbers, where it depends on more than their
// kind: which bytes NumPy has them in, and in an array of objects what each is.
std::vector<std::string> names_of_numbers(Value value, NumpyText numpy) {
  const pickle::Array* array = value.array();
  const char kind = array != nullptr ? array->dtype.kind : 'O';
  std::vector<std::string> names;
  if (array != nullptr && array->elements() > plan::kNamedFeaturesMax) return names;
  if (kind == 'f' && array->dtype.size < sizeof(double)) {
    const auto numbers = pickle::to_doubles(*array);
    for (std::size_t i = 0; numbers.ok() && i < numbers->size(); ++i) {
      names.push_back(numpy_text((*numbers)[i], array->dtype.size, numpy));
    }
  } else if ((kind == 'i' || kind == 'u') && array->dtype.size == sizeof(double)) {
    const auto integers = pickle::to_int64s(*array);
    for (std::size_t i = 0; integers.ok() && i < integers->size(); ++i) {
      names.push_back(std::to_string((*integers)[i]));
    }
  } else if (kind == 'O') {
    const auto items = values_of(value);
    if (!items.ok() || items->size() > plan::kNamedFeaturesMax) return names;
    for (const Value item : *items) names.push_back(text_of(item, numpy));
  }
  return names;
}

base::Result<FittedCategories> categories_as_they_are(const Object& object,
                                                      std::string_view attribute, Value value) {
  FittedCategories listed;
  if (auto numbers = doubles_of(value); numbers.ok()) {
    listed.numbers = *std::move(numbers);
    listed.kind = kind_of_numbers(value);
    // scikit-learn 1.8 came out with NumPy 2.3, of which a file says nothing.
    const bool since = object.release() >= Release{1, 8};
    listed.names = names_of_numbers(value, since ? NumpyText::Since23 : NumpyText::Before23);
    return listed;
  }
  listed.text = true;
  if (auto texts = texts_of(value); texts.ok()) {
    for (std::string& text : *texts) listed.texts.emplace_back(std::move(text));
    return listed;
  }
  auto items = values_of(value);
  if (!items.ok()) return object.unexpected(attribute, "a list of categories", value);
  for (const Value item : *items) {
    const auto number = item.as_float();
    if (const auto text = item.as_string()) {
      listed.texts.emplace_back(std::string(*text));
    } else if (item.is_none() || item.is(pickle::Kind::Global) || (number && std::isnan(*number))) {
      listed.texts.emplace_back(std::nullopt);
      listed.none = item.is_none();
    } else {
      return object.unsupported(attribute, "numbers or texts, not both in one column",
                                describe(item));
    }
  }
  return listed;
}

}  // namespace

base::Result<FittedCategories> read_categories(const Object& object, std::string_view attribute,
                                               Value value) {
  TRY_ASSIGN(FittedCategories listed, categories_as_they_are(object, attribute, value));
  const auto absent = listed.text
                          ? std::count(listed.texts.begin(), listed.texts.end(), std::nullopt)
                          : std::count_if(listed.numbers.begin(), listed.numbers.end(),
                                          [](double number) { return std::isnan(number); });
  if (absent > 1) {
    return object.unsupported(attribute, "one missing value in a column", "None and NaN");
  }
  return listed;
}

base::Result<PerColumn> PerColumn::read(const Object& object, std::string_view attribute,
                                        std::size_t columns) {
  PerColumn made;
  if (!object.has(attribute)) return made;
  TRY_ASSIGN(made.items_, object.list(attribute));
  if (made.items_.size() == columns) return made;
  return object.unexpected(attribute, fmt::format("{} elements", columns),
                           std::to_string(made.items_.size()));
}

std::optional<Value> PerColumn::operator[](std::size_t i) const {
  if (items_.empty() || items_[i].is_none()) return std::nullopt;
  return items_[i];
}

base::Result<std::vector<std::int32_t>> read_groups(const Object& object, Value mapping,
                                                    std::size_t count) {
  static constexpr std::string_view kMappings = "_default_to_infrequent_mappings";
  auto numbers = doubles_of(mapping);
  if (!numbers.ok() || (numbers->size() != count && numbers->size() + 1 != count)) {
    return object.unexpected(kMappings, fmt::format("{} numbers", count), mapping);
  }
  std::vector<std::int32_t> groups;
  for (const double number : *numbers) {
    if (!(number >= 0 && number < static_cast<double>(count))) {
      return object.unexpected(kMappings, "group numbers", fmt::format("{}", number));
    }
    groups.push_back(static_cast<std::int32_t>(number));
  }
  return groups;
}

}  // namespace sklearn
