#include "plan_neighbors/neighbor_tree.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace plan {
namespace {

// How many distances are kept at once; a leaf mostly has as many rows or fewer.
constexpr std::size_t kLeafRows = 64;

// One question to a tree.
struct TreeQuery {
  const double* x;
  Nearest& nearest;
};

class TreeIndex final : public NeighborIndex {
 public:
  explicit TreeIndex(NeighborTree tree) : tree_(std::move(tree)) { sort_rows(); }
  std::size_t rows() const override { return tree_.rows.rows; }
  std::size_t features() const override { return tree_.rows.columns; }
  const Metric& metric() const override { return tree_.metric; }
  std::size_t room() const override { return rows(); }
  void search(const Buffer& in, std::size_t row, double*, Nearest& nearest) const override {
    const TreeQuery query{in.dense.row(row), nearest};
    search_node(query, 0, least(query.x, 0));
  }
  void measure(const Buffer& in, std::size_t row, double* memory) const override {
    const double* x = in.dense.row(row);
    for (std::size_t first = 0; first < rows(); first += kLeafRows) {
      const std::size_t last = std::min(first + kLeafRows, rows());
      measure_some(x, first, last, [&](std::size_t i, double distance) {
        memory[static_cast<std::size_t>(tree_.order[i])] = distance;
      });
    }
  }
  std::string describe() const override {
    return fmt::format("{} rows of {} features in a {} tree, {}", rows(), features(),
                       tree_.upper.empty() ? "ball" : "kd", metric_name(tree_.metric.kind));
  }
  double row_ns() const override {
    const auto count = static_cast<double>(rows());
    const double visited = std::min(count, 60 * std::log2(count + 1));
    return visited * (3 + 1.5 * static_cast<double>(features()));
  }

 private:
  // Rows of a leaf lie beside each other.
  void sort_rows() {
    sorted_.resize(rows(), features());
    for (std::size_t i = 0; i < rows(); ++i) {
      std::copy_n(tree_.rows.row(static_cast<std::size_t>(tree_.order[i])), features(),
                  sorted_.row(i));
    }
    tree_.rows.values.clear();
    tree_.rows.values.shrink_to_fit();
  }

  // Tells of up to kLeafRows rows beside each other how far they are.
  template <typename Take>
  void measure_some(const double* x, std::size_t first, std::size_t last, const Take& take) const {
    std::array<double, kLeafRows> distances;
    const RowsOf some{.rows = last - first, .features = features()};
    tree_.metric.reduced_each(x, sorted_.row(first), some, distances.data());
    for (std::size_t i = first; i < last; ++i) take(i, distances[i - first]);
  }

  // The least reduced distance that a row of the node can have.
  double least(const double* x, std::size_t node) const {
    const std::size_t count = features();
    const double* lower = tree_.lower.data() + node * count;
    if (tree_.upper.empty()) {
      const Metric& metric = tree_.metric;
      const double centre = metric.distance(metric.reduced(x, lower, count));
      return metric.reduce(std::max(0.0, centre - tree_.nodes[node].radius));
    }
    const double* upper = tree_.upper.data() + node * count;
    switch (tree_.metric.kind) {
      case MetricKind::Chebyshev: {
        double most = 0;
        for (std::size_t f = 0; f < count; ++f) {
          most = std::max(most, 0.5 * twice_outside(x[f], lower[f], upper[f]));
        }
        return most;
      }
      case MetricKind::Manhattan: return box_sum(x, lower, upper, [](double d) { return d; });
      case MetricKind::Euclidean: return box_sum(x, lower, upper, [](double d) { return d * d; });
      default:
        return box_sum(x, lower, upper, [&](double d) { return std::pow(d, tree_.metric.p); });
    }
  }

  static double twice_outside(double x, double lower, double upper) {
    const double below = lower - x;
    const double above = x - upper;
    return (below + std::abs(below)) + (above + std::abs(above));
  }

  template <typename Term>
  double box_sum(const double* x, const double* lower, const double* upper,
                 const Term& term) const {
    double sum = 0;
    for (std::size_t f = 0; f < features(); ++f) {
      sum += term(0.5 * twice_outside(x[f], lower[f], upper[f]));
    }
    return sum;
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the logarithm of the number of nodes.
  void search_node(const TreeQuery& query, std::size_t node, double bound) const {
    if (bound > query.nearest.limit()) return;
    const NeighborTree::Node& here = tree_.nodes[node];
    if (here.leaf) {
      for (std::size_t first = here.first; first < here.last; first += kLeafRows) {
        const std::size_t last = std::min(first + kLeafRows, here.last);
        measure_some(query.x, first, last, [&](std::size_t i, double distance) {
          if (distance < query.nearest.limit()) query.nearest.push(distance, tree_.order[i]);
        });
      }
      return;
    }
    const std::size_t left = 2 * node + 1;
    const double to_left = least(query.x, left);
    const double to_right = least(query.x, left + 1);
    if (to_left <= to_right) {
      search_node(query, left, to_left);
      search_node(query, left + 1, to_right);
    } else {
      search_node(query, left + 1, to_right);
      search_node(query, left, to_left);
    }
  }

  NeighborTree tree_;
  Matrix sorted_;
};

base::Error tree_error(std::string_view expected) {
  return {base::Code::Corrupt,
          fmt::format("tree of neighbours: expected {}, got another", expected)};
}

bool shares_out(const NeighborTree::Node& node, const NeighborTree::Node& left,
                const NeighborTree::Node& right) {
  return left.first == node.first && left.last == right.first && right.last == node.last;
}

}  // namespace

base::Result<void> check_tree(const NeighborTree& tree) {
  const std::size_t rows = tree.rows.rows;
  const std::size_t bounds = tree.nodes.size() * tree.rows.columns;
  if (tree.order.size() != rows) return tree_error("an index for each row");
  for (const std::int64_t row : tree.order) {
    if (row < 0 || static_cast<std::uint64_t>(row) >= rows) return tree_error("indices of rows");
  }
  if (tree.lower.size() != bounds || (!tree.upper.empty() && tree.upper.size() != bounds)) {
    return tree_error("bounds for each node");
  }
  if (tree.nodes.empty() || tree.nodes[0].first != 0 || tree.nodes[0].last != rows) {
    return tree_error("a first node with all rows");
  }
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const NeighborTree::Node& node = tree.nodes[i];
    if (node.first > node.last || node.last > rows) return tree_error("nodes of rows");
    if (node.leaf) continue;
    if (2 * i + 2 >= tree.nodes.size() ||
        !shares_out(node, tree.nodes[2 * i + 1], tree.nodes[2 * i + 2])) {
      return tree_error("children that share out what their parent has");
    }
  }
  return {};
}

base::Result<std::shared_ptr<const NeighborIndex>> make_tree_index(NeighborTree tree) {
  TRY(check_tree(tree));
  return std::shared_ptr<const NeighborIndex>(std::make_shared<TreeIndex>(std::move(tree)));
}

}  // namespace plan
