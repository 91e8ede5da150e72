#include "sklearn_values/arrays.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "pickle/numbers.h"

namespace sklearn {
namespace {

base::Result<Numbers> matrix_in(const Object& object, std::string_view attribute,
                                pickle::Value value) {
  const pickle::Array* array = value.array();
  if (array == nullptr || array->shape.size() != 2 || array->elements() == 0) {
    return object.unexpected(attribute, "a matrix of numbers", value);
  }
  auto values = pickle::to_doubles(*array);
  if (!values.ok()) return object.unexpected(attribute, "a matrix of numbers", value);
  return Numbers{array->shape[0], array->shape[1], *std::move(values)};
}

}  // namespace

base::Result<Numbers> numbers_of(const Object& object, std::string_view attribute) {
  TRY_ASSIGN(const Table table, object.table(attribute));
  TRY_ASSIGN(auto values, object.doubles(attribute));
  return Numbers{table.rows, table.columns, std::move(values)};
}

base::Result<std::vector<Numbers>> number_matrices(const Object& object,
                                                   std::string_view attribute) {
  std::vector<Numbers> matrices;
  TRY_ASSIGN(const auto items, object.list(attribute));
  for (const pickle::Value item : items) {
    TRY_ASSIGN(auto matrix, matrix_in(object, attribute, item));
    matrices.push_back(std::move(matrix));
  }
  return matrices;
}

base::Result<std::vector<std::vector<double>>> number_rows(const Object& object,
                                                           std::string_view attribute) {
  TRY_ASSIGN(const auto items, object.list(attribute));
  std::vector<std::vector<double>> rows;
  for (const pickle::Value item : items) {
    auto row = doubles_of(item);
    if (!row.ok()) return object.unexpected(attribute, "arrays of numbers", item);
    rows.push_back(*std::move(row));
  }
  return rows;
}

base::Result<void> same_count(const Object& object, std::string_view attribute,
                              std::size_t expected, std::size_t got) {
  if (expected == got) return {};
  return object.unexpected(attribute, fmt::format("{} of them", expected), std::to_string(got));
}

std::vector<std::string> prefixed_names(const Object& object, std::size_t count) {
  std::string prefix(object.class_name());
  std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string> names;
  if (count > plan::kNamedFeaturesMax) return names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("{}{}", prefix, i));
  return names;
}

std::shared_ptr<const plan::Coefficients> by_feature(const Numbers& numbers) {
  return plan::Coefficients::make({.outputs = numbers.columns,
                                   .features = numbers.rows,
                                   .doubles = std::as_bytes(std::span(numbers.values)),
                                   .column_major = true});
}

std::shared_ptr<const plan::Coefficients> by_output(const Numbers& numbers) {
  return plan::Coefficients::make({.outputs = numbers.rows,
                                   .features = numbers.columns,
                                   .doubles = std::as_bytes(std::span(numbers.values)),
                                   .column_major = false});
}

}  // namespace sklearn
