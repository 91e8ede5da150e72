#include "plan/impute_nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace plan {
namespace {

struct NearestState final : State {
  std::vector<double> row;  // NaN where one is missing.
  std::vector<double> distances;
  std::vector<std::pair<double, std::size_t>> donors;  // By distance; an unknown one is infinite.
};

constexpr double kUnknown = std::numeric_limits<double>::infinity();

}  // namespace

ImputeNearest::ImputeNearest(Fitted fitted) : fitted_(std::move(fitted)) {
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

std::string ImputeNearest::describe() const {
  return fmt::format("put means of {} of {} rows where {} features are missing", fitted_.neighbours,
                     count(), fitted_.width);
}

std::unique_ptr<State> ImputeNearest::make_state() const {
  return std::make_unique<NearestState>();
}

// nan_euclidean_distances: the mean square difference of what both have, times the features.
void ImputeNearest::measure(const double* row, std::vector<double>& distances) const {
  distances.resize(count());
  const double* stored = fitted_.rows.data();
  for (double& distance : distances) {
    double sum = 0;
    double held = 0;
    for (std::size_t c = 0; c < fitted_.width; ++c) {
      const double difference = row[c] - stored[c];
      const bool both = !std::isnan(difference);
      sum += both ? difference * difference : 0;
      held += both ? 1 : 0;
    }
    distance = held == 0 ? kUnknown : std::sqrt(sum / held * static_cast<double>(fitted_.width));
    stored += fitted_.width;
  }
}

double ImputeNearest::impute(std::size_t feature, State& state) const {
  auto& [row, distances, donors] = static_cast<NearestState&>(state);
  donors.clear();
  bool known = false;
  for (std::size_t i = 0; i < distances.size(); ++i) {
    if (std::isnan(fitted_.rows[i * fitted_.width + feature])) continue;
    donors.emplace_back(distances[i], i);
    known = known || distances[i] != kUnknown;
  }
  if (!known) return means_[feature];
  const std::size_t taken = std::min(fitted_.neighbours, donors.size());
  std::nth_element(donors.begin(), donors.begin() + static_cast<std::ptrdiff_t>(taken - 1),
                   donors.end());
  const bool touches =
      fitted_.by_distance &&
      std::any_of(donors.begin(), donors.begin() + static_cast<std::ptrdiff_t>(taken),
                  [](const auto& donor) { return 1 / donor.first == kUnknown; });
  double sum = 0;
  double weights = 0;
  for (std::size_t k = 0; k < taken; ++k) {
    const auto [distance, i] = donors[k];
    double weight = distance == kUnknown && (fitted_.known_alone || fitted_.by_distance) ? 0 : 1;
    if (fitted_.by_distance && weight != 0) {
      weight = touches ? (1 / distance == kUnknown ? 1 : 0) : 1 / distance;
    }
    sum += weight * fitted_.rows[i * fitted_.width + feature];
    weights += weight;
  }
  return sum / weights;
}

base::Result<void> ImputeNearest::run(const Inputs& in, Buffer& out, State* state) const {
  auto& [row, distances, donors] = static_cast<NearestState&>(*state);
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
          measure(row.data(), distances);
        }
        measured = true;
        to[k] = impute(c, *state);
      }
    }
  }
  return {};
}

}  // namespace plan
