#include "plan_neighbors/centers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "plan_dense/product.h"
#include "plan_dense/squared_distance.h"

namespace plan {
namespace {

struct CentersState final : State {
  // For the distances of so many rows; the memory stays.
  double* room_for(const Centers& centers, std::size_t rows) {
    if (distances.size() < rows * centers.room()) distances.resize(rows * centers.room());
    return distances.data();
  }

  std::vector<double> distances;
};

std::unique_ptr<State> make_centers_state(const Centers& centers) {
  auto state = std::make_unique<CentersState>();
  state->distances.resize(centers.room());
  return state;
}

// The first of the least.
std::size_t find_least(const double* values, std::size_t count) {
  std::size_t least = 0;
  for (std::size_t i = 1; i < count; ++i) {
    i += find_below(values + i, count - i, values[least]);
    if (i < count) least = i;
  }
  return least;
}

double centers_ns(const Centers& centers) {
  return 20 + static_cast<double>(centers.room() * centers.features()) / 4;
}

}  // namespace

Centers::Centers(const Matrix& centers) : rows_(centers) {
  for (std::size_t i = 0; i < centers.rows; ++i) {
    squares_.push_back(einsum_square(centers.row(i), centers.columns));
  }
}

void Centers::partial_distances(const TileRows& rows, double* out) const {
  rows_.sums_of_rows(TileSum::Product, rows, out);
  for (std::size_t r = 0; r < rows.count; ++r, out += room()) {
    scale_each(out, count(), -2, 0);
    add_each(out, squares_.data(), count());
  }
}

void Centers::distances(const TileRows& rows, double* out) const {
  rows_.sums_of_rows(TileSum::Product, rows, out);
  const double* row = rows.values;
  for (std::size_t r = 0; r < rows.count; ++r, out += room(), row += features()) {
    squared_distances(squares_, einsum_square(row, features()), out);
    root_each(out, count());
  }
}

std::string CenterDistances::describe() const {
  return fmt::format("distances to {} centers", centers_->count());
}
std::unique_ptr<State> CenterDistances::make_state() const { return make_centers_state(*centers_); }
double CenterDistances::row_ns() const { return centers_ns(*centers_); }

base::Result<void> CenterDistances::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<CentersState&>(*state);
  const std::size_t count = centers_->count();
  out.dense.resize(in.rows(), count);
  for (std::size_t first = 0; first < in.rows(); first += kRowsTogether) {
    const std::size_t some = std::min(kRowsTogether, in.rows() - first);
    const TileRows rows{.values = in[0].dense.row(first), .count = some};
    centers_->distances(rows, memory.room_for(*centers_, some));
    for (std::size_t r = 0; r < some; ++r) {
      std::copy_n(memory.distances.data() + r * centers_->room(), count, out.dense.row(first + r));
    }
  }
  return {};
}

std::string NearestCenter::describe() const {
  return fmt::format("the nearest of {} centers", centers_->count());
}
std::unique_ptr<State> NearestCenter::make_state() const { return make_centers_state(*centers_); }
double NearestCenter::row_ns() const { return centers_ns(*centers_); }

base::Result<void> NearestCenter::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<CentersState&>(*state);
  out.dense.resize(in.rows(), 1);
  for (std::size_t first = 0; first < in.rows(); first += kRowsTogether) {
    const std::size_t some = std::min(kRowsTogether, in.rows() - first);
    double* distances = memory.room_for(*centers_, some);
    centers_->partial_distances({.values = in[0].dense.row(first), .count = some}, distances);
    for (std::size_t r = 0; r < some; ++r) {
      const std::size_t nearest = find_least(distances + r * centers_->room(), centers_->count());
      out.dense.row(first + r)[0] = labels_[nearest];
    }
  }
  return {};
}

BisectCenters::BisectCenters(std::size_t features, std::vector<Node> nodes)
    : features_(features), nodes_(std::move(nodes)) {
  for (const Node& node : nodes_) {
    squares_.push_back(dot(node.center.data(), node.center.data(), node.center.size()));
  }
}

std::string BisectCenters::describe() const {
  return fmt::format("halve {} clusters down to one", nodes_.size());
}

double BisectCenters::partial_distance(const double* row, std::uint32_t node) const {
  return squares_[node] - 2 * dot(row, nodes_[node].center.data(), features_);
}

base::Result<void> BisectCenters::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* row = in[0].dense.row(i);
    const Node* node = &nodes_.front();
    while (node->left != 0) {
      const bool left = partial_distance(row, node->left) <= partial_distance(row, node->right);
      node = &nodes_[left ? node->left : node->right];
    }
    out.dense.row(i)[0] = node->label;
  }
  return {};
}

PoolFeatures::PoolFeatures(Pool pool, std::vector<std::size_t> groups, std::size_t count)
    : pool_(pool), groups_(std::move(groups)), sizes_(count, 0.0) {
  for (const std::size_t group : groups_) sizes_[group] += 1;
}

std::string PoolFeatures::describe() const {
  return fmt::format("pool {} features into {}", groups_.size(), sizes_.size());
}

void PoolFeatures::add(double x, double& to) const {
  switch (pool_) {
    case Pool::Mean:
    case Pool::Sum: to += x; return;
    case Pool::Min: to = std::min(to, x); return;
    case Pool::Max: to = std::max(to, x); return;
  }
}

base::Result<void> PoolFeatures::run(const Inputs& in, Buffer& out, State*) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double start = pool_ == Pool::Min ? kInfinity : pool_ == Pool::Max ? -kInfinity : 0;
  out.dense.resize(in.rows(), sizes_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    std::fill_n(to, sizes_.size(), start);
    for (std::size_t c = 0; c < groups_.size(); ++c) add(from[c], to[groups_[c]]);
    if (pool_ != Pool::Mean) continue;
    for (std::size_t g = 0; g < sizes_.size(); ++g) to[g] /= sizes_[g];
  }
  return {};
}

}  // namespace plan
