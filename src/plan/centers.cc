#include "plan/centers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "plan/product.h"
#include "plan/squared_distance.h"

namespace plan {
namespace {

struct CentersState final : State {
  std::vector<double> distances;
};

std::unique_ptr<State> make_centers_state(const Centers& centers) {
  auto state = std::make_unique<CentersState>();
  state->distances.resize(centers.room());
  return state;
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

void Centers::partial_distances(const double* row, double* out) const {
  rows_.sums(TileSum::Product, row, out);
  for (std::size_t i = 0; i < squares_.size(); ++i) out[i] = squares_[i] - 2 * out[i];
}

void Centers::distances(const double* row, double* out) const {
  rows_.sums(TileSum::Product, row, out);
  const double square = einsum_square(row, features());
  for (std::size_t i = 0; i < squares_.size(); ++i) {
    out[i] = std::sqrt(squared_distance(out[i], square, squares_[i]));
  }
}

std::string CenterDistances::describe() const {
  return fmt::format("distances to {} centers", centers_->count());
}
std::unique_ptr<State> CenterDistances::make_state() const { return make_centers_state(*centers_); }
double CenterDistances::row_ns() const { return centers_ns(*centers_); }

base::Result<void> CenterDistances::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& distances = static_cast<CentersState&>(*state).distances;
  const std::size_t count = centers_->count();
  out.dense.resize(in.rows(), count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* row = in[0].dense.row(i);
    centers_->distances(row, distances.data());
    double* to = out.dense.row(i);
    for (std::size_t c = 0; c < count; ++c) to[c] = distances[c];
  }
  return {};
}

std::string NearestCenter::describe() const {
  return fmt::format("the nearest of {} centers", centers_->count());
}
std::unique_ptr<State> NearestCenter::make_state() const { return make_centers_state(*centers_); }
double NearestCenter::row_ns() const { return centers_ns(*centers_); }

base::Result<void> NearestCenter::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& distances = static_cast<CentersState&>(*state).distances;
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    centers_->partial_distances(in[0].dense.row(i), distances.data());
    const auto end = distances.begin() + static_cast<std::ptrdiff_t>(centers_->count());
    const auto nearest = std::min_element(distances.begin(), end) - distances.begin();
    out.dense.row(i)[0] = labels_[static_cast<std::size_t>(nearest)];
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
