#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace text {

// One row of a sparse matrix, or several one after the other: columns ascending in each row.
// Reused from document to document.
struct Row {
  std::vector<std::uint32_t> indices;
  std::vector<double> values;

  void clear() {
    indices.clear();
    values.clear();
  }
  void add(std::uint32_t column, double value) {
    indices.push_back(column);
    values.push_back(value);
  }
};

enum class Norm : unsigned char { None, L1, L2 };

// The order in which scikit-learn stored, and so summed, the columns of a row.
enum class ColumnOrder : unsigned char { Ascending, Descending };

// What the numbers of a row are rounded to after every operation: a vectoriser may be of float32.
enum class Precision : unsigned char { Float64, Float32 };

// `value` as a number of that precision.
inline double rounded(double value, Precision precision) {
  return precision == Precision::Float32 ? static_cast<double>(static_cast<float>(value)) : value;
}

// How a row's norm is taken.
struct Normalization {
  Norm norm = Norm::L2;
  ColumnOrder order = ColumnOrder::Ascending;
  Precision precision = Precision::Float64;
};

// sklearn.preprocessing.normalize of one row, in place: each value is divided by the sum of
// absolute values, or by the root of the sum of squares, taken in that order (in float64, of
// squares that are rounded as the values are); a row whose sum is 0 stays as it is.
void normalize(std::span<double> values, const Normalization& how);

}  // namespace text
