#include "sklearn_values/matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "pickle/sparse.h"

namespace sklearn {
namespace {

plan::Matrix matrix_of(const Table& table) {
  plan::Matrix made;
  made.resize(table.rows, table.columns);
  if (!table.column_major) {
    std::memcpy(made.values.data(), table.doubles.data(), table.doubles.size());
    return made;
  }
  for (std::size_t c = 0; c < table.columns; ++c) {
    for (std::size_t r = 0; r < table.rows; ++r) {
      const std::size_t at = (c * table.rows + r) * sizeof(double);
      std::memcpy(made.row(r) + c, table.doubles.data() + at, sizeof(double));
    }
  }
  return made;
}

}  // namespace

base::Result<plan::Matrix> read_matrix(const Object& object, std::string_view attribute,
                                       Reader& reader) {
  TRY_ASSIGN(const pickle::Value value, object.get(attribute));
  const pickle::Array* array = value.array();
  if (array != nullptr && array->shape.size() == 2 && array->elements() == 0) {
    if (array->shape[1] > std::numeric_limits<std::uint32_t>::max() ||
        !reader.spend(array->shape[1])) {
      return object.unexpected(attribute, "fewer columns", std::to_string(array->shape[1]));
    }
    plan::Matrix made;
    made.resize(0, array->shape[1]);
    return made;
  }
  TRY_ASSIGN(const Table table, object.table(attribute));
  return matrix_of(table);
}

base::Result<plan::Matrix> read_matrix(const Object& object, std::string_view attribute,
                                       std::size_t rows, std::size_t columns) {
  TRY_ASSIGN(const Table table, object.table(attribute));
  if (table.rows != rows || table.columns != columns) {
    return object.unexpected(attribute, fmt::format("{} x {} numbers", rows, columns),
                             fmt::format("{} x {}", table.rows, table.columns));
  }
  return matrix_of(table);
}

plan::Matrix transposed(const plan::Matrix& matrix) {
  plan::Matrix made;
  made.resize(matrix.columns, matrix.rows);
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.columns; ++c) made.row(c)[r] = matrix.row(r)[c];
  }
  return made;
}

std::optional<plan::Matrix> solve(plan::Matrix square, plan::Matrix right) {
  const std::size_t size = square.rows;
  for (std::size_t k = 0; k < size; ++k) {
    std::size_t pivot = k;
    for (std::size_t r = k + 1; r < size; ++r) {
      if (std::abs(square.row(r)[k]) > std::abs(square.row(pivot)[k])) pivot = r;
    }
    const double divisor = square.row(pivot)[k];
    if (divisor == 0 || !std::isfinite(divisor)) return std::nullopt;
    if (pivot != k) {
      std::swap_ranges(square.row(k), square.row(k) + size, square.row(pivot));
      std::swap_ranges(right.row(k), right.row(k) + right.columns, right.row(pivot));
    }
    for (std::size_t r = k + 1; r < size; ++r) {
      const double factor = square.row(r)[k] / divisor;
      if (factor == 0) continue;
      for (std::size_t c = k; c < size; ++c) square.row(r)[c] -= factor * square.row(k)[c];
      for (std::size_t c = 0; c < right.columns; ++c) {
        right.row(r)[c] -= factor * right.row(k)[c];
      }
    }
  }
  for (std::size_t k = size; k-- > 0;) {
    for (std::size_t c = 0; c < right.columns; ++c) {
      double value = right.row(k)[c];
      for (std::size_t j = k + 1; j < size; ++j) value -= square.row(k)[j] * right.row(j)[c];
      right.row(k)[c] = value / square.row(k)[k];
    }
  }
  return right;
}

base::Result<plan::SparseMatrix> read_csr(const Object& object, std::string_view attribute,
                                          Reader& reader) {
  TRY_ASSIGN(const pickle::Value value, object.get(attribute));
  auto read = pickle::as_csr(value);
  if (!read.ok()) return std::move(read).error().within(object.title());
  if (read->columns > std::numeric_limits<std::uint32_t>::max() || !reader.spend(read->columns)) {
    return object.unexpected(attribute, "fewer columns", std::to_string(read->columns));
  }
  plan::SparseMatrix made;
  made.clear(read->columns);
  for (std::size_t r = 0; r < read->rows; ++r) {
    for (auto k = static_cast<std::size_t>(read->indptr[r]);
         k < static_cast<std::size_t>(read->indptr[r + 1]); ++k) {
      made.push(static_cast<std::size_t>(read->indices[k]), read->data[k]);
    }
    made.end_row();
  }
  return made;
}

}  // namespace sklearn
