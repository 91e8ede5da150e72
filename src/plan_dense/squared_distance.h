#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "plan_dense/product.h"

// Squared distances as x.x + y.y - 2 x.y, in the very operations of scikit-learn: of rows that are
// far from zero and near each other their roundings are most of what is left.
namespace plan {

// numpy.einsum("ij,ij->i", x, x), the lengths that sklearn.metrics.pairwise takes: two sums that
// run beside each other, over blocks of eight from their ends.
inline double einsum_square(const double* x, std::size_t count) {
  constexpr std::size_t kBlock = 8;
  double even = 0;
  double odd = 0;
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    for (std::size_t k = kBlock; k > 0; k -= 2) {
      even += x[i + k - 2] * x[i + k - 2];
      odd += x[i + k - 1] * x[i + k - 1];
    }
  }
  for (; i + 2 <= count; i += 2) {
    even += x[i] * x[i];
    odd += x[i + 1] * x[i + 1];
  }
  if (i < count) even += x[i] * x[i];
  return even + odd;
}

// BLAS' ddot(x, x) of few numbers, which scikit-learn's search for neighbours takes.
inline double fused_square(const double* x, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum = std::fma(x[i], x[i], sum);
  return sum;
}

inline double squared_distance(double product, double x_square, double y_square) {
  const double square = (-2 * product + x_square) + y_square;
  return square > 0 ? square : 0;
}

// From the products of a row of that square with others, to the distances of it to each of them.
inline void squared_distances(std::span<const double> y_squares, double x_square,
                              double* products) {
  distance_each(products, y_squares.data(), x_square, y_squares.size());
}

}  // namespace plan
