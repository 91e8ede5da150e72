#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/step.h"
#include "plan_neighbors/neighbor_tree.h"

namespace plan {

// KernelDensity.score_samples: the logarithm of a sum of kernels over the stored rows. It is found
// as scikit-learn finds it, from bounds of the nodes of its tree that are taken apart until they
// are near enough: its sums of bounds, in its order, decide the last digits, and more where
// `absolute` or `relative` let it stop early.
class TreeDensity final : public Step {
 public:
  enum class Shape : std::uint8_t { Gaussian, TopHat, Epanechnikov, Exponential, Linear, Cosine };
  struct Options {
    Shape kernel = Shape::Gaussian;
    double bandwidth = 1;
    double absolute = 0;  // What the density may be away by, of itself,
    double relative = 0;  // and relative to it.
    bool breadth_first = true;
    std::vector<double> weights;  // Of the stored rows, or empty.
  };
  // Refuses what is no tree.
  static base::Result<std::shared_ptr<const TreeDensity>> make(NeighborTree tree, Options options);

  std::size_t features() const { return tree_.rows.columns; }
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  // Logarithms of what a density is at least, and of how much more it can be.
  struct Bounds {
    double least = 0;
    double spread = 0;
  };
  struct Reach {
    double nearest = 0;
    double furthest = 0;
  };
  // One row that is asked about.
  struct Query {
    const double* x;
    Bounds all;
  };

  TreeDensity(NeighborTree tree, Options options);
  double weight_of(const NeighborTree::Node& node) const;
  double log_kernel(double distance) const;
  Reach reach(const double* x, std::size_t node) const;
  Bounds bounds_of(const double* x, std::size_t node, double log_count) const;
  // Whether a normalized spread is as small as is wanted above `least`.
  bool near(double spread, double least) const;
  bool node_is_near(const Bounds& bounds, std::size_t node) const;
  static void replace(Bounds& all, const Bounds& node);
  void add_rows(Query& query, const NeighborTree::Node& node) const;
  double breadth_first(const double* x, State& state) const;
  void depth_first(Query& query, std::size_t node, const Bounds& bounds) const;

  NeighborTree tree_;
  Options options_;
  double power_;  // Of the differences of a KDTree's metric; infinite for Chebyshev.
  double log_norm_;
  double log_total_;
  double log_absolute_;
  double log_relative_;
  std::vector<double> log_counts_;   // Of each node: how many rows, or their weights together.
  std::vector<double> log_weights_;  // Of each row, or empty.
};

}  // namespace plan
