#include "plan_neighbors/neighbor_answers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/pairwise_sum.h"
#include "plan_dense/product.h"

namespace plan {
namespace {

// The neighbours of one row with what they count.
struct Weighed final : State {
  std::vector<std::size_t> rows;
  std::vector<double> weights;
  std::vector<double> votes;

  void gather(const Buffer& in, std::size_t row, bool within_radius) {
    if (within_radius) {
      rows.assign(in.sparse.row_indices(row).begin(), in.sparse.row_indices(row).end());
      weights.assign(in.sparse.row_values(row).begin(), in.sparse.row_values(row).end());
      return;
    }
    const double* from = in.dense.row(row);
    const std::size_t count = in.dense.columns / 2;
    weights.assign(from, from + count);
    rows.resize(count);
    for (std::size_t k = 0; k < count; ++k) rows[k] = static_cast<std::size_t>(from[count + k]);
  }

  void weigh(NeighborWeights by) {
    if (by == NeighborWeights::Uniform) {
      std::fill(weights.begin(), weights.end(), 1.0);
      return;
    }
    bool at_none = false;
    for (double& each : weights) {
      each = 1.0 / each;
      at_none = at_none || std::isinf(each);
    }
    if (!at_none) return;
    for (double& each : weights) each = std::isinf(each) ? 1 : 0;
  }

  // As numpy.mean adds them up.
  double mean_of(const Matrix& targets) {
    for (std::size_t n = 0; n < rows.size(); ++n) weights[n] = targets.values[rows[n]];
    return pairwise_sum(weights.data(), rows.size()) / static_cast<double>(rows.size());
  }
};

std::string weights_text(NeighborWeights weights) {
  return weights == NeighborWeights::Uniform ? "" : ", weighted by distance";
}

}  // namespace

std::size_t NeighborVote::outputs() const {
  if (!options_.shares) return labels_.outputs();
  return std::accumulate(labels_.classes.begin(), labels_.classes.end(), std::size_t{0});
}

std::string NeighborVote::describe() const {
  return fmt::format("{} of neighbours{}", options_.shares ? "shares" : "vote",
                     weights_text(options_.weights));
}

std::unique_ptr<State> NeighborVote::make_state() const { return std::make_unique<Weighed>(); }

base::Result<void> NeighborVote::run(const Inputs& in, Buffer& out, State* state) const {
  auto& weighed = static_cast<Weighed&>(*state);
  out.dense.resize(in.rows(), outputs());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    weighed.gather(in[0], i, options_.within_radius);
    const bool alone = weighed.rows.empty();
    if (alone && options_.outlier.empty()) {
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}: expected a neighbour within the radius, got none",
                                     in.row_of_request(i)));
    }
    weighed.weigh(options_.weights);
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < labels_.outputs(); ++k) {
      const std::size_t classes = labels_.classes[k];
      weighed.votes.assign(classes, 0);
      if (alone && options_.outlier[k] < classes) weighed.votes[options_.outlier[k]] = 1;
      for (std::size_t n = 0; n < weighed.rows.size(); ++n) {
        weighed.votes[labels_.codes[k * labels_.rows + weighed.rows[n]]] += weighed.weights[n];
      }
      if (!options_.shares) {
        *to++ = static_cast<double>(std::max_element(weighed.votes.begin(), weighed.votes.end()) -
                                    weighed.votes.begin());
        continue;
      }
      const double sum = std::accumulate(weighed.votes.begin(), weighed.votes.end(), 0.0);
      for (const double votes : weighed.votes) *to++ = votes / (sum == 0 ? 1 : sum);
    }
  }
  return {};
}

std::string NeighborMean::describe() const {
  return fmt::format("mean of neighbours, {} outputs{}", targets_.columns, weights_text(weights_));
}

std::unique_ptr<State> NeighborMean::make_state() const { return std::make_unique<Weighed>(); }

base::Result<void> NeighborMean::run(const Inputs& in, Buffer& out, State* state) const {
  auto& weighed = static_cast<Weighed&>(*state);
  const std::size_t outputs = targets_.columns;
  out.dense.resize(in.rows(), outputs);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    weighed.gather(in[0], i, within_radius_);
    double* to = out.dense.row(i);
    if (within_radius_ && outputs == 1 && weights_ == NeighborWeights::Uniform) {
      *to = weighed.mean_of(targets_);
      continue;
    }
    weighed.weigh(weights_);
    std::fill_n(to, outputs, 0.0);
    double sum = 0;
    for (std::size_t n = 0; n < weighed.rows.size(); ++n) {
      const double* target = targets_.row(weighed.rows[n]);
      for (std::size_t k = 0; k < outputs; ++k) to[k] += target[k] * weighed.weights[n];
      sum += weighed.weights[n];
    }
    for (std::size_t k = 0; k < outputs; ++k) to[k] /= sum;
    if (weighed.rows.empty()) {
      std::fill_n(to, outputs, std::numeric_limits<double>::quiet_NaN());
    }
  }
  return {};
}

base::Result<void> OutlierFactor::run(const Inputs& in, Buffer& out, State*) const {
  constexpr double kLeast = 1e-10;
  out.dense.resize(in.rows(), 1);
  const std::size_t count = in[0].dense.columns / 2;
  const auto size = static_cast<double>(count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double reach = 0;
    for (std::size_t k = 0; k < count; ++k) {
      reach += std::max(from[k], reach_[static_cast<std::size_t>(from[count + k])]);
    }
    const double density = 1.0 / (reach / size + kLeast);
    double ratios = 0;
    for (std::size_t k = 0; k < count; ++k) {
      ratios += density_[static_cast<std::size_t>(from[count + k])] / density;
    }
    out.dense.row(i)[0] = -(ratios / size);
  }
  return {};
}

base::Result<void> CentroidScores::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t count = in[0].dense.columns;
  out.dense.resize(in.rows(), count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    for (std::size_t k = 0; k < count; ++k) {
      const double distance = in[0].dense.row(i)[k];
      const double offset = offsets_.empty() ? 0 : offsets_[k];
      out.dense.row(i)[k] = -(squared_ ? distance * distance : distance) + offset;
    }
  }
  return {};
}

base::Result<void> SecondLessFirst::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    out.dense.row(i)[0] = from[1] - from[0];
  }
  return {};
}

base::Result<void> NeighborGraph::run(const Inputs& in, Buffer& out, State*) const {
  out.sparse.clear(stored_);
  const std::size_t count = in[0].dense.columns / 2;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    for (std::size_t k = 0; k < count; ++k) {
      out.sparse.push(static_cast<std::size_t>(from[count + k]), distances_ ? from[k] : 1);
    }
    out.sparse.end_row();
  }
  return {};
}

namespace {

struct NearestFirst final : State {
  std::vector<std::pair<double, std::uint32_t>> order;

  void sort(std::span<double> distances, std::span<std::uint32_t> rows) {
    order.resize(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) order[k] = {distances[k], rows[k]};
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < rows.size(); ++k) std::tie(distances[k], rows[k]) = order[k];
  }
};

}  // namespace

std::unique_ptr<State> RadiusGraph::make_state() const { return std::make_unique<NearestFirst>(); }

base::Result<void> RadiusGraph::run(const Inputs& in, Buffer& out, State* state) const {
  SparseMatrix& graph = out.sparse;
  graph = in[0].sparse;
  if (!distances_) {
    std::fill(graph.values.begin(), graph.values.end(), 1.0);
    return {};
  }
  for (std::size_t i = 0; i < graph.rows; ++i) {
    const std::size_t first = graph.starts[i];
    static_cast<NearestFirst*>(state)->sort(
        graph.row_values(i), std::span(graph.indices).subspan(first, graph.starts[i + 1] - first));
  }
  return {};
}

}  // namespace plan
