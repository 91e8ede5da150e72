#include "plan_neighbors/tree_density.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/pairwise_sum.h"

namespace plan {
namespace {

constexpr double kNoDensity = -std::numeric_limits<double>::infinity();

// Of e^a and e^b together, and of e^b taken from e^a.
double log_of_sum(double a, double b) {
  const double most = std::fmax(a, b);
  if (most == kNoDensity) return kNoDensity;
  // Of the larger it is e^0.
  return most + std::log(1 + std::exp((most == a ? b : a) - most));
}
double log_of_rest(double a, double b) {
  return a <= b ? kNoDensity : a + std::log(1 - std::exp(b - a));
}

// The logarithms of the volume and of the surface of the unit ball.
double log_ball(double features) {
  return 0.5 * features * std::log(std::numbers::pi) - std::lgamma(0.5 * features + 1);
}
double log_sphere(double features) {
  return std::log(2 * std::numbers::pi) + log_ball(features - 1);
}

// What makes a kernel of this width a density.
double log_kernel_norm(const TreeDensity::Options& options, double d) {
  using Shape = TreeDensity::Shape;
  double factor = 0;
  switch (options.kernel) {
    case Shape::Gaussian: factor = 0.5 * d * std::log(2 * std::numbers::pi); break;
    case Shape::TopHat: factor = log_ball(d); break;
    case Shape::Epanechnikov: factor = log_ball(d) + std::log(2. / (d + 2.)); break;
    case Shape::Exponential: factor = log_sphere(d - 1) + std::lgamma(d); break;
    case Shape::Linear: factor = log_ball(d) - std::log(d + 1.); break;
    case Shape::Cosine: {
      double term = 2. / std::numbers::pi;
      for (double k = 1; k < d + 1; k += 2) {
        factor += term;
        term *= -(d - k) * (d - k - 1) * ((2. / std::numbers::pi) * (2. / std::numbers::pi));
      }
      factor = std::log(factor) + log_sphere(d - 1);
      break;
    }
  }
  return -factor - d * std::log(options.bandwidth);
}

double density_power(const Metric& metric) {
  switch (metric.kind) {
    case MetricKind::Chebyshev: return std::numeric_limits<double>::infinity();
    case MetricKind::Manhattan: return 1;
    case MetricKind::Minkowski: return metric.p;
    default: return 2;
  }
}

// Nodes that are to be looked at, the nearest first; of those equally near, as scikit-learn's heap
// has them: it stops sinking the last one where a child is further.
class NodeQueue {
 public:
  struct Entry {
    double distance;
    std::size_t node;
  };
  void clear() { entries_.clear(); }
  bool empty() const { return entries_.empty(); }
  void push(Entry entry) {
    std::size_t at = entries_.size();
    entries_.push_back(entry);
    while (at > 0) {
      const std::size_t parent = (at - 1) / 2;
      if (entries_[parent].distance <= entries_[at].distance) break;
      std::swap(entries_[parent], entries_[at]);
      at = parent;
    }
  }
  Entry pop() {
    const Entry first = entries_.front();
    entries_.front() = entries_.back();
    entries_.pop_back();
    std::size_t at = 0;
    while (2 * at + 1 < entries_.size()) {
      std::size_t child = 2 * at + 1;
      const std::size_t other = child + 1;
      if (other < entries_.size() && !(entries_[child].distance <= entries_[other].distance)) {
        child = other;
      }
      if (!(entries_[child].distance <= entries_[at].distance)) break;
      std::swap(entries_[at], entries_[child]);
      at = child;
    }
    return first;
  }

 private:
  std::vector<Entry> entries_;
};

struct TreeDensityState final : State {
  NodeQueue queue;
  std::vector<double> least, spread;  // Of the nodes met.
};

}  // namespace

TreeDensity::TreeDensity(NeighborTree tree, Options options)
    : tree_(std::move(tree)),
      options_(std::move(options)),
      power_(density_power(tree_.metric)),
      log_norm_(log_kernel_norm(options_, static_cast<double>(features()))) {
  const std::vector<double>& weights = options_.weights;
  const double total = weights.empty() ? static_cast<double>(tree_.rows.rows)
                                       : pairwise_sum(weights.data(), weights.size());
  log_total_ = std::log(total);
  log_absolute_ = std::log(options_.absolute * total);
  log_relative_ = std::log(options_.relative);
  for (const double weight : weights) log_weights_.push_back(std::log(weight));
  log_counts_.resize(tree_.nodes.size());
  // Those of the tree: a file may have others, each of as many rows as it likes.
  std::vector<bool> met(tree_.nodes.size());
  met[0] = true;
  for (std::size_t i = 0; i < met.size(); ++i) {
    if (!met[i]) continue;
    log_counts_[i] = std::log(weight_of(tree_.nodes[i]));
    if (tree_.nodes[i].leaf) continue;
    met[2 * i + 1] = true;
    met[2 * i + 2] = true;
  }
}

double TreeDensity::weight_of(const NeighborTree::Node& node) const {
  if (options_.weights.empty()) return static_cast<double>(node.last - node.first);
  double sum = 0;
  for (std::size_t i = node.first; i < node.last; ++i) {
    sum += options_.weights[static_cast<std::size_t>(tree_.order[i])];
  }
  return sum;
}

base::Result<std::shared_ptr<const TreeDensity>> TreeDensity::make(NeighborTree tree,
                                                                   Options options) {
  TRY(check_tree(tree));
  return std::shared_ptr<const TreeDensity>(new TreeDensity(std::move(tree), std::move(options)));
}

std::string TreeDensity::describe() const {
  return fmt::format("density of bandwidth {} among {} rows of {} features", options_.bandwidth,
                     tree_.rows.rows, features());
}

std::unique_ptr<State> TreeDensity::make_state() const {
  auto state = std::make_unique<TreeDensityState>();
  state->least.resize(tree_.nodes.size());
  state->spread.resize(tree_.nodes.size());
  return state;
}

double TreeDensity::row_ns() const {
  const auto count = static_cast<double>(tree_.rows.rows);
  return count * (20 + 2 * static_cast<double>(features()));
}

double TreeDensity::log_kernel(double distance) const {
  const double h = options_.bandwidth;
  switch (options_.kernel) {
    case Shape::Gaussian: return -0.5 * (distance * distance) / (h * h);
    case Shape::TopHat: return distance < h ? 0 : kNoDensity;
    case Shape::Epanechnikov:
      return distance < h ? std::log(1.0 - (distance * distance) / (h * h)) : kNoDensity;
    case Shape::Exponential: return -distance / h;
    case Shape::Linear: return distance < h ? std::log(1 - distance / h) : kNoDensity;
    default:
      return distance < h ? std::log(std::cos(0.5 * std::numbers::pi * distance / h)) : kNoDensity;
  }
}

// How far the rows of a node are.
TreeDensity::Reach TreeDensity::reach(const double* x, std::size_t node) const {
  const std::size_t count = features();
  const double* lower = tree_.lower.data() + node * count;
  if (tree_.upper.empty()) {
    const double centre = tree_.metric.distance(tree_.metric.reduced(x, lower, count));
    const double radius = tree_.nodes[node].radius;
    return {std::fmax(0, centre - radius), centre + radius};
  }
  const double* upper = tree_.upper.data() + node * count;
  const auto over_features = [&](const auto& add) {
    Reach sum;
    for (std::size_t f = 0; f < count; ++f) {
      const double below = lower[f] - x[f];
      const double above = x[f] - upper[f];
      const double outside = (below + std::abs(below)) + (above + std::abs(above));
      add(sum.nearest, 0.5 * outside);
      add(sum.furthest, std::fmax(std::abs(below), std::abs(above)));
    }
    return sum;
  };
  if (std::isinf(power_)) return over_features([](double& s, double d) { s = std::fmax(s, d); });
  if (power_ == 1) return over_features([](double& s, double d) { s += d; });
  if (power_ == 2) {
    const Reach squared = over_features([](double& s, double d) { s += d * d; });
    return {std::sqrt(squared.nearest), std::sqrt(squared.furthest)};
  }
  const Reach sum = over_features([&](double& s, double d) { s += std::pow(d, power_); });
  return {std::pow(sum.nearest, 1. / power_), std::pow(sum.furthest, 1. / power_)};
}

TreeDensity::Bounds TreeDensity::bounds_of(const double* x, std::size_t node,
                                           double log_count) const {
  const Reach far = reach(x, node);
  const double least = log_count + log_kernel(far.furthest);
  return {least, log_of_rest(log_count + log_kernel(far.nearest), least)};
}

bool TreeDensity::near(double spread, double least) const {
  return spread <= log_of_sum(log_absolute_, log_relative_ + log_norm_ + least);
}

bool TreeDensity::node_is_near(const Bounds& bounds, std::size_t node) const {
  return near(log_norm_ + bounds.spread - log_counts_[node] + log_total_, bounds.least);
}

void TreeDensity::replace(Bounds& all, const Bounds& node) {
  all.least = log_of_rest(all.least, node.least);
  all.spread = log_of_rest(all.spread, node.spread);
}

void TreeDensity::add_rows(Query& query, const NeighborTree::Node& node) const {
  for (std::size_t i = node.first; i < node.last; ++i) {
    const auto row = static_cast<std::size_t>(tree_.order[i]);
    const double reduced = tree_.metric.reduced(query.x, tree_.rows.row(row), features());
    const double weight = log_weights_.empty() ? 0 : log_weights_[row];
    const double kernel = log_kernel(tree_.metric.distance(reduced)) + weight;
    query.all.least = log_of_sum(query.all.least, kernel);
  }
}

double TreeDensity::breadth_first(const double* x, State& state) const {
  auto& memory = static_cast<TreeDensityState&>(state);
  Query query{x, bounds_of(x, 0, log_total_)};
  memory.least[0] = query.all.least;
  memory.spread[0] = query.all.spread;
  memory.queue.clear();
  memory.queue.push({0, 0});
  while (!memory.queue.empty()) {
    const std::size_t node = memory.queue.pop().node;
    const Bounds bounds{memory.least[node], memory.spread[node]};
    if (node_is_near(bounds, node)) continue;
    if (near(log_norm_ + query.all.spread, query.all.least)) break;
    replace(query.all, bounds);
    if (tree_.nodes[node].leaf) {
      add_rows(query, tree_.nodes[node]);
      continue;
    }
    for (const std::size_t child : {2 * node + 1, 2 * node + 2}) {
      const Reach far = reach(x, child);
      memory.least[child] = log_counts_[child] + log_kernel(far.furthest);
      // The most of a child stands where its spread would: so it is in scikit-learn.
      memory.spread[child] = log_counts_[child] + log_kernel(far.nearest);
      query.all.least = log_of_sum(query.all.least, memory.least[child]);
      query.all.spread = log_of_sum(query.all.spread, memory.spread[child]);
      memory.queue.push({far.nearest, child});
    }
  }
  return log_of_sum(query.all.least, query.all.spread - std::log(2));
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the logarithm of the number of nodes.
void TreeDensity::depth_first(Query& query, std::size_t node, const Bounds& bounds) const {
  if (node_is_near(bounds, node)) return;
  if (near(log_norm_ + query.all.spread, query.all.least)) return;
  replace(query.all, bounds);
  if (tree_.nodes[node].leaf) {
    add_rows(query, tree_.nodes[node]);
    return;
  }
  const std::size_t first = 2 * node + 1;
  const Bounds left = bounds_of(query.x, first, log_counts_[first]);
  const Bounds right = bounds_of(query.x, first + 1, log_counts_[first + 1]);
  for (const Bounds& child : {left, right}) {
    query.all.least = log_of_sum(query.all.least, child.least);
    query.all.spread = log_of_sum(query.all.spread, child.spread);
  }
  depth_first(query, first, left);
  depth_first(query, first + 1, right);
}

base::Result<void> TreeDensity::run(const Inputs& in, Buffer& out, State* state) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* x = in[0].dense.row(i);
    double found = 0;
    if (options_.breadth_first) {
      found = breadth_first(x, *state);
    } else {
      const Bounds bounds = bounds_of(x, 0, log_total_);
      Query query{x, bounds};
      depth_first(query, 0, bounds);
      found = log_of_sum(query.all.least, query.all.spread - std::log(2));
    }
    out.dense.row(i)[0] = found + log_norm_ - log_total_;
  }
  return {};
}

}  // namespace plan
