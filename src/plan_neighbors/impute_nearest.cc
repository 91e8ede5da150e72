#include "plan_neighbors/impute_nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "plan_dense/squared_distance.h"

namespace plan {
namespace {

struct ImputeNearestState final : State {
  // A row: as it is, NaN where one is missing; and for the sums, with 0 there.
  std::vector<double> row, values, squares, missing, present;
  std::vector<double> distances, sums;
  std::vector<std::pair<double, std::size_t>> donors;  // A heap of the nearest.
};

constexpr double kUnknown = std::numeric_limits<double>::infinity();

}  // namespace

ImputeNearest::ImputeNearest(Fitted fitted)
    : fitted_(std::move(fitted)), sums_(sums_of(fitted_)), lengths_(lengths_of(fitted_)) {
  for (std::size_t c = 0; c < fitted_.width; ++c) {
    double sum = 0;
    double held = 0;
    for (std::size_t i = 0; i < count(); ++i) {
      const double x = fitted_.rows[i * fitted_.width + c];
      if (std::isnan(x)) continue;
      sum += x;
      held += 1;
    }
    means_.push_back(sum / held);
  }
}

ImputeNearest::Sums ImputeNearest::sums_of(const Fitted& fitted) {
  const auto stored = [&](auto&& of) {
    Matrix matrix{fitted.rows.size() / fitted.width, fitted.width, fitted.rows};
    for (double& x : matrix.values) x = of(x);
    return StoredRows(matrix);
  };
  return {stored([](double x) { return std::isnan(x) ? 0 : x; }),
          stored([](double x) { return std::isnan(x) ? 0 : x * x; }),
          stored([](double x) { return std::isnan(x) ? 1.0 : 0; }),
          stored([](double x) { return std::isnan(x) ? 0.0 : 1; })};
}

std::vector<double> ImputeNearest::lengths_of(const Fitted& fitted) {
  std::vector<double> lengths;
  std::vector<double> row;
  for (std::size_t i = 0; i < fitted.rows.size(); i += fitted.width) {
    row.assign(fitted.rows.data() + i, fitted.rows.data() + i + fitted.width);
    for (double& x : row) x = std::isnan(x) ? 0 : x;
    lengths.push_back(einsum_square(row.data(), row.size()));
  }
  return lengths;
}

std::string ImputeNearest::describe() const {
  return fmt::format("put means of {} of {} rows where {} features are missing", fitted_.neighbours,
                     count(), fitted_.width);
}

std::unique_ptr<State> ImputeNearest::make_state() const {
  auto state = std::make_unique<ImputeNearestState>();
  state->distances.resize(sums_.values.padded());
  state->sums.resize(sums_.values.padded());
  return state;
}

// nan_euclidean_distances: the mean square difference of what both have, times the features. As
// scikit-learn does, from the difference of all, of which what only one of them has is taken away.
void ImputeNearest::measure(State& state) const {
  auto& kept = static_cast<ImputeNearestState&>(state);
  kept.values.clear();
  kept.squares.clear();
  kept.missing.clear();
  kept.present.clear();
  for (const double x : kept.row) {
    const bool missing = std::isnan(x);
    kept.values.push_back(missing ? 0 : x);
    kept.squares.push_back(missing ? 0 : x * x);
    kept.missing.push_back(missing ? 1 : 0);
    kept.present.push_back(missing ? 0 : 1);
  }
  sums_.values.sums(TileSum::Product, kept.values.data(), kept.distances.data());
  const double length = einsum_square(kept.values.data(), kept.values.size());
  for (std::size_t i = 0; i < count(); ++i) {
    kept.distances[i] = squared_distance(kept.distances[i], length, lengths_[i]);
  }
  sums_.missing.sums(TileSum::Product, kept.squares.data(), kept.sums.data());
  for (std::size_t i = 0; i < count(); ++i) kept.distances[i] -= kept.sums[i];
  sums_.squares.sums(TileSum::Product, kept.missing.data(), kept.sums.data());
  for (std::size_t i = 0; i < count(); ++i) kept.distances[i] -= kept.sums[i];
  sums_.present.sums(TileSum::Product, kept.present.data(), kept.sums.data());
  const auto width = static_cast<double>(fitted_.width);
  for (std::size_t i = 0; i < count(); ++i) {
    const double held = kept.sums[i];
    const double square = std::max(0.0, kept.distances[i]) / std::max(1.0, held) * width;
    kept.distances[i] = held == 0 ? kUnknown : std::sqrt(square);
  }
}

double ImputeNearest::impute(std::size_t feature, State& state) const {
  auto& kept = static_cast<ImputeNearestState&>(state);
  auto& donors = kept.donors;
  donors.clear();
  for (std::size_t i = 0; i < count(); ++i) {
    if (std::isnan(fitted_.rows[i * fitted_.width + feature])) continue;
    const std::pair<double, std::size_t> donor(kept.distances[i], i);
    if (donors.size() == fitted_.neighbours) {
      if (donor >= donors.front()) continue;
      std::pop_heap(donors.begin(), donors.end());
      donors.pop_back();
    }
    donors.push_back(donor);
    std::push_heap(donors.begin(), donors.end());
  }
  const auto known = [](const auto& donor) { return donor.first != kUnknown; };
  if (std::none_of(donors.begin(), donors.end(), known)) return means_[feature];
  if (!fitted_.by_distance) {
    for (auto& [weight, i] : donors) weight = fitted_.known_alone && weight == kUnknown ? 0 : 1;
    return weighted_mean(feature, donors);
  }
  bool touches = false;
  for (auto& [weight, stored] : donors) {
    weight = weight == kUnknown ? 0 : 1 / weight;
    touches = touches || weight == kUnknown;
  }
  // Those at no distance at all are alone.
  for (auto& [weight, i] : donors) {
    if (touches) weight = weight == kUnknown ? 1 : 0;
  }
  return weighted_mean(feature, donors);
}

double ImputeNearest::weighted_mean(
    std::size_t feature, const std::vector<std::pair<double, std::size_t>>& donors) const {
  double sum = 0;
  double weights = 0;
  for (const auto& [weight, i] : donors) {
    sum += weight * fitted_.rows[i * fitted_.width + feature];
    weights += weight;
  }
  return sum / weights;
}

base::Result<void> ImputeNearest::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& row = static_cast<ImputeNearestState&>(*state).row;
  out.dense.resize(in.rows(), fitted_.kept.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    bool measured = false;
    for (std::size_t k = 0; k < fitted_.kept.size(); ++k) {
      const std::size_t c = fitted_.kept[k];
      to[k] = from[c];
      if (!std::isnan(fitted_.empty[c])) {
        to[k] = fitted_.empty[c];
      } else if (fitted_.missing.is(from[c])) {
        if (!measured) {
          row.assign(from, from + fitted_.width);
          for (double& x : row) x = fitted_.missing.is(x) ? std::nan("") : x;
          measure(*state);
        }
        measured = true;
        to[k] = impute(c, *state);
      }
    }
  }
  return {};
}

}  // namespace plan
