#include "plan_neighbors/metric.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace plan {
namespace {

constexpr std::array<std::string_view, 19> kMetricNames = {
    "euclidean",  "squared euclidean", "manhattan",   "chebyshev",   "minkowski",
    "seuclidean", "mahalanobis",       "cosine",      "correlation", "hamming",
    "canberra",   "braycurtis",        "haversine",   "jaccard",     "dice",
    "russellrao", "rogerstanimoto",    "sokalsneath", "yule"};

template <typename Term>
double sum_of(std::size_t count, const Term& term) {
  double sum = 0;
  for (std::size_t f = 0; f < count; ++f) sum += term(f);
  return sum;
}

double mahalanobis(const double* x, const double* y, std::size_t count, const double* inverse) {
  return sum_of(count, [&](std::size_t i) {
    const double* row = inverse + i * count;
    return sum_of(count, [&](std::size_t j) { return row[j] * (x[j] - y[j]); }) * (x[i] - y[i]);
  });
}

double cosine(const double* x, const double* y, std::size_t count) {
  const double lengths = std::sqrt(sum_of(count, [&](std::size_t f) { return x[f] * x[f]; })) *
                         std::sqrt(sum_of(count, [&](std::size_t f) { return y[f] * y[f]; }));
  const double product = sum_of(count, [&](std::size_t f) { return x[f] * y[f]; });
  return std::clamp(1 - (lengths == 0 ? 0 : product / lengths), 0.0, 2.0);
}

double correlation(const double* x, const double* y, std::size_t count) {
  const auto size = static_cast<double>(count);
  const double mx = sum_of(count, [&](std::size_t f) { return x[f]; }) / size;
  const double my = sum_of(count, [&](std::size_t f) { return y[f]; }) / size;
  const double xx = sum_of(count, [&](std::size_t f) { return (x[f] - mx) * (x[f] - mx); });
  const double yy = sum_of(count, [&](std::size_t f) { return (y[f] - my) * (y[f] - my); });
  const double xy = sum_of(count, [&](std::size_t f) { return (x[f] - mx) * (y[f] - my); });
  return 1 - xy / (std::sqrt(xx) * std::sqrt(yy));
}

double bray_curtis(const double* x, const double* y, std::size_t count) {
  const double above = sum_of(count, [&](std::size_t f) { return std::abs(x[f] - y[f]); });
  const double below =
      sum_of(count, [&](std::size_t f) { return std::abs(x[f]) + std::abs(y[f]); });
  return below > 0 ? above / below : 0;
}

double canberra(const double* x, const double* y, std::size_t count) {
  return sum_of(count, [&](std::size_t f) {
    const double below = std::abs(x[f]) + std::abs(y[f]);
    return below > 0 ? std::abs(x[f] - y[f]) / below : 0;
  });
}

// The square of half the distance on a sphere.
double haversine(const double* x, const double* y) {
  const double a = std::sin(0.5 * (x[0] - y[0]));
  const double b = std::sin(0.5 * (x[1] - y[1]));
  return a * a + std::cos(x[0]) * std::cos(y[0]) * b * b;
}

double of_truths(MetricKind kind, const double* x, const double* y, std::size_t count) {
  double both = 0;
  double first = 0;
  double second = 0;
  for (std::size_t f = 0; f < count; ++f) {
    const bool a = x[f] != 0;
    const bool b = y[f] != 0;
    both += a && b ? 1 : 0;
    first += a && !b ? 1 : 0;
    second += b && !a ? 1 : 0;
  }
  const double unlike = first + second;
  const auto all = static_cast<double>(count);
  switch (kind) {
    case MetricKind::Jaccard: return both + unlike == 0 ? 0 : unlike / (both + unlike);
    case MetricKind::Dice: return unlike / (2 * both + unlike);
    case MetricKind::RussellRao: return (all - both) / all;
    case MetricKind::RogersTanimoto: return 2 * unlike / (all + unlike);
    case MetricKind::SokalSneath: return unlike / (unlike + 0.5 * both);
    default: {
      const double half = first * second;
      const double neither = all - both - unlike;
      return half == 0 ? 0 : 2 * half / (both * neither + half);
    }
  }
}

}  // namespace

std::string_view metric_name(MetricKind kind) {
  return kMetricNames.at(static_cast<std::size_t>(kind));
}

double Metric::reduced(const double* x, const double* y, std::size_t count) const {
  const auto each = [&](const auto& term) {
    return sum_of(count, [&](std::size_t f) { return term(f, std::abs(x[f] - y[f])); });
  };
  switch (kind) {
    case MetricKind::Euclidean:
    case MetricKind::SquaredEuclidean: return each([](std::size_t, double d) { return d * d; });
    case MetricKind::Manhattan: return each([](std::size_t, double d) { return d; });
    case MetricKind::Chebyshev: {
      double most = 0;
      for (std::size_t f = 0; f < count; ++f) most = std::max(most, std::abs(x[f] - y[f]));
      return most;
    }
    case MetricKind::Minkowski:
      return each([&](std::size_t f, double d) {
        return (weights.empty() ? 1 : weights[f]) * std::pow(d, p);
      });
    case MetricKind::SEuclidean:
      return each([&](std::size_t f, double d) { return d * d / weights[f]; });
    case MetricKind::Mahalanobis: return mahalanobis(x, y, count, weights.data());
    case MetricKind::Cosine: return cosine(x, y, count);
    case MetricKind::Correlation: return correlation(x, y, count);
    case MetricKind::Hamming: {
      const auto all = static_cast<double>(count);
      return each([](std::size_t, double d) { return d != 0 ? 1 : 0; }) / all;
    }
    case MetricKind::Canberra: return canberra(x, y, count);
    case MetricKind::BrayCurtis: return bray_curtis(x, y, count);
    case MetricKind::Haversine: return haversine(x, y);
    default: return of_truths(kind, x, y, count);
  }
}

namespace {

// A sum waits for each of its additions: those of four rows do not wait for each other.
template <typename Term>
std::size_t sums_by_fours(const double* x, const double* y, const RowsOf& of, double* out,
                          const Term& term) {
  std::size_t i = 0;
  for (; i + 4 <= of.rows; i += 4) {
    const double* first = y + i * of.features;
    const double* second = first + of.features;
    const double* third = second + of.features;
    const double* fourth = third + of.features;
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (std::size_t f = 0; f < of.features; ++f) {
      a += term(std::abs(x[f] - first[f]));
      b += term(std::abs(x[f] - second[f]));
      c += term(std::abs(x[f] - third[f]));
      d += term(std::abs(x[f] - fourth[f]));
    }
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
    out[i + 3] = d;
  }
  return i;
}

}  // namespace

void Metric::reduced_each(const double* x, const double* y, const RowsOf& of, double* out) const {
  std::size_t done = 0;
  if (kind == MetricKind::Euclidean || kind == MetricKind::SquaredEuclidean) {
    done = sums_by_fours(x, y, of, out, [](double d) { return d * d; });
  } else if (kind == MetricKind::Manhattan) {
    done = sums_by_fours(x, y, of, out, [](double d) { return d; });
  }
  for (; done < of.rows; ++done) out[done] = reduced(x, y + done * of.features, of.features);
}

double Metric::distance(double reduced) const {
  switch (kind) {
    case MetricKind::Euclidean:
    case MetricKind::SEuclidean:
    case MetricKind::Mahalanobis: return std::sqrt(reduced);
    case MetricKind::Minkowski: return std::pow(reduced, 1 / p);
    case MetricKind::Haversine: return 2 * std::asin(std::sqrt(reduced));
    default: return reduced;
  }
}

double Metric::reduce(double distance) const {
  switch (kind) {
    case MetricKind::Euclidean:
    case MetricKind::SEuclidean:
    case MetricKind::Mahalanobis: return distance * distance;
    case MetricKind::Minkowski: return std::pow(distance, p);
    case MetricKind::Haversine: {
      const double half = std::sin(0.5 * distance);
      return half * half;
    }
    default: return distance;
  }
}

}  // namespace plan
