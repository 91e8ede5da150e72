#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "plan_dense/product.h"

namespace plan {

// The distance between two rows, as sklearn.metrics.DistanceMetric and SciPy define it.
enum class MetricKind : std::uint8_t {
  Euclidean,
  SquaredEuclidean,
  Manhattan,
  Chebyshev,
  Minkowski,    // sum weight |x - y|^p, to the power 1 / p
  SEuclidean,   // Euclidean of differences over the square roots of `weights`, the variances
  Mahalanobis,  // `weights`: the inverse of the covariance, features x features
  Cosine,
  Correlation,
  Hamming,
  Canberra,
  BrayCurtis,
  Haversine,  // of two features, latitude and longitude in radians
  // Of what is zero and what is not.
  Jaccard,
  Dice,
  RussellRao,
  RogersTanimoto,
  SokalSneath,
  Yule,
};

// How many rows, and of how many features each.
struct RowsOf {
  std::size_t rows = 0;
  std::size_t features = 0;
};

struct Metric {
  MetricKind kind = MetricKind::Euclidean;
  double p = 2;
  std::vector<double> weights;
  double least_norm = 0;  // Cosine of dense rows: one that is shorter is not made longer.

  // What ascends with the distance and is cheaper: its square or p-th power, where it has one. That
  // is what neighbours are compared by.
  double reduced(const double* x, const double* y, std::size_t count) const;
  // The same of `rows` rows one behind the other: out[i] has the bits that the i-th alone has.
  void reduced_each(const double* x, const double* y, const RowsOf& of, double* out) const;
  double distance(double reduced) const;
  double reduce(double distance) const;
};

std::string_view metric_name(MetricKind kind);

}  // namespace plan
