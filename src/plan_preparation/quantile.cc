#include "plan_preparation/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

namespace plan {
namespace {

// scikit-learn's BOUNDS_THRESHOLD: how near to the ends of a distribution nothing comes.
constexpr double kBound = 1e-7;
constexpr double kLeast = kBound - std::numeric_limits<double>::epsilon();

// For 0 < p <= 1/2. Starts within 5e-4 (Abramowitz and Stegun 26.2.23) and takes two steps of
// Halley's method, each of which cubes the error.
double lower_quantile(double p) {
  const double t = std::sqrt(-2 * std::log(p));
  double x = (2.515517 + t * (0.802853 + t * 0.010328)) /
                 (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
             t;
  for (int step = 0; step < 2; ++step) {
    const double error = normal_probability(x) - p;
    const double newton = error * std::sqrt(2 * std::numbers::pi) * std::exp(x * x / 2);
    x -= newton / (1 + x * newton / 2);
  }
  return x;
}

// How many of `count` ascending numbers are at most x.
std::size_t count_at_most(const double* numbers, std::size_t count, double x) {
  const double* first = numbers;
  while (count > 1) {
    const std::size_t half = count / 2;
    first = first[half - 1] <= x ? first + half : first;
    count -= half;
  }
  return static_cast<std::size_t>(first - numbers) + (count == 1 && *first <= x ? 1 : 0);
}

// numpy.interp(x, from, to)
double interpolate(double x, const double* from, const double* to, std::size_t count) {
  const std::size_t below = count_at_most(from, count, x);
  if (below == 0) return to[0];
  const std::size_t j = below - 1;
  if (below == count || from[j] == x) return to[j];
  const double slope = (to[j + 1] - to[j]) / (from[j + 1] - from[j]);
  return slope * (x - from[j]) + to[j];
}

// (numpy.interp(x, from, to) - numpy.interp(-x, -from[::-1], -to[::-1])) / 2: where several of
// `from` are x, the middle of the first and the last of `to`.
double interpolate_both_ways(double x, const double* from, const double* to, std::size_t count) {
  const std::size_t below = count_at_most(from, count, x);
  if (below == 0) return 0.5 * (to[0] + to[0]);
  const std::size_t j = below - 1;
  if (from[j] == x) {
    const auto first = static_cast<std::size_t>(std::lower_bound(from, from + j, x) - from);
    return 0.5 * (to[j] + to[first]);
  }
  if (below == count) return 0.5 * (to[j] + to[j]);
  const double slope = (to[j + 1] - to[j]) / (from[j + 1] - from[j]);
  const double up = slope * (x - from[j]) + to[j];
  const double down = slope * (from[j + 1] - x) - to[j + 1];
  return 0.5 * (up - down);
}

}  // namespace

double normal_probability(double x) { return 0.5 * std::erfc(-x * std::numbers::sqrt2 / 2); }

double normal_quantile(double p) {
  if (!(p > 0)) return p == 0 ? -std::numeric_limits<double>::infinity() : std::nan("");
  if (!(p < 1)) return p == 1 ? std::numeric_limits<double>::infinity() : std::nan("");
  if (p == 0.5) return 0;
  return p < 0.5 ? lower_quantile(p) : -lower_quantile(1 - p);
}

std::string Quantile::describe() const {
  return fmt::format("{} {} features by {} quantiles", inverse_ ? "find" : "place", fitted_.width,
                     fitted_.references.size());
}

double Quantile::to_distribution(double x, const double* quantiles) const {
  const std::size_t count = fitted_.references.size();
  const bool near = fitted_.normal || fitted_.clipped;
  const bool lower = near ? x - kBound < quantiles[0] : x == quantiles[0];
  const bool upper = near ? x + kBound > quantiles[count - 1] : x == quantiles[count - 1];
  double y = 0;
  if (upper) y = 1;
  if (lower) y = 0;
  if (!lower && !upper) {
    y = interpolate_both_ways(x, quantiles, fitted_.references.data(), count);
  }
  if (!fitted_.normal) return fitted_.clipped ? std::clamp(y, kLeast, 1 - kLeast) : y;
  static const double kLowest = normal_quantile(kLeast);
  static const double kHighest = normal_quantile(1 - kLeast);
  if (y <= kLeast) return kLowest;
  if (y >= 1 - kLeast) return kHighest;
  return std::clamp(normal_quantile(y), kLowest, kHighest);
}

double Quantile::from_distribution(double x, const double* quantiles) const {
  const std::size_t count = fitted_.references.size();
  if (fitted_.normal) x = normal_probability(x);
  const bool near = fitted_.normal || fitted_.clipped;
  const bool lower = near ? x - kBound < 0 : x == 0;
  const bool upper = near ? x + kBound > 1 : x == 1;
  if (lower) return quantiles[0];
  if (upper) return quantiles[count - 1];
  return interpolate(x, fitted_.references.data(), quantiles, count);
}

base::Result<void> Quantile::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t count = fitted_.references.size();
  const auto transform = [&](double x, std::size_t feature) {
    if (std::isnan(x)) return x;
    const double* quantiles = fitted_.quantiles.data() + feature * count;
    return inverse_ ? from_distribution(x, quantiles) : to_distribution(x, quantiles);
  };
  if (form_ == Form::Sparse) {
    out.sparse = in[0].sparse;
    for (std::size_t k = 0; k < out.sparse.values.size(); ++k) {
      out.sparse.values[k] = transform(out.sparse.values[k], out.sparse.indices[k]);
    }
    return {};
  }
  out.dense.resize(in.rows(), fitted_.width);
  // Feature by feature, as the quantiles of one lie together.
  for (std::size_t c = 0; c < fitted_.width; ++c) {
    for (std::size_t i = 0; i < in.rows(); ++i) {
      out.dense.row(i)[c] = transform(in[0].dense.row(i)[c], c);
    }
  }
  return {};
}

}  // namespace plan
