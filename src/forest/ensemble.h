#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace forest {

// How a node treats a value that is not an ordinary number.
enum class Missing : std::uint8_t {
  None,  // LightGBM missing_type None: NaN is read as 0.
  Zero,  // LightGBM missing_type Zero: NaN and |x| <= kZeroThreshold are missing.
  Nan,   // NaN is missing (LightGBM missing_type NaN, scikit-learn's missing_go_to_left).
};

// LightGBM's kZeroThreshold, a float there: what counts as zero where zero means missing.
inline constexpr double kZeroThreshold = 1e-35F;

// One decision of a tree. Children: >= 0 is a node of the same tree, < 0 is leaf ~child.
// Numerical: left when x <= threshold. Categorical: left when the integer part of x is a member
// of the bit set; x <= -1 and x >= 2^31 are no members. NaN is no member either, but where NaN is
// missing (Missing::Nan) `default_left` decides, as scikit-learn has it. LightGBM, which sends
// every NaN right there, leaves default_left clear.
struct Node {
  double threshold = 0;
  std::uint32_t feature = 0;
  std::int32_t left = 0;
  std::int32_t right = 0;
  Missing missing = Missing::None;
  bool default_left = false;  // Where a missing value goes.
  bool categorical = false;
  std::uint32_t bits_begin = 0;  // Categorical: words [bits_begin, bits_end) of Ensemble::bits.
  std::uint32_t bits_end = 0;
};

// One tree: its nodes, root first (none: a single leaf), and `width` values per leaf that are
// added to outputs [output, output + width).
struct Tree {
  std::vector<Node> nodes;
  std::vector<double> leaf_values;  // leaves x width
  std::uint32_t output = 0;
  // What its library calls each leaf; Ensemble::numbered says whether somebody will ask.
  std::vector<std::uint32_t> leaf_numbers;

  std::size_t leaves(std::size_t width) const { return leaf_values.size() / width; }
};

// A sum of trees in the one form that every library's models are read into. The raw answer of a
// row is, for each output, the sum over the trees in their order, in float64, starting from 0
// (a sum that starts elsewhere has a first tree of a single leaf).
// scikit-learn and XGBoost cast a row to float32 before they compare: `float32_input` says so.
// XGBoost also adds in float32: `float32_sum`, with leaf values that float32 holds.
struct Ensemble {
  std::vector<Tree> trees;
  std::vector<std::uint32_t> bits;  // Bit sets of categorical nodes.
  std::size_t features = 0;
  std::size_t outputs = 1;
  std::size_t width = 1;  // Values per leaf.
  bool float32_input = false;
  bool float32_sum = false;
  // Values that sparse rows do not list are NaN, as XGBoost has it, and not zero.
  bool absent_is_nan = false;
  bool numbered = false;  // Each tree has leaf_numbers, and Forest::apply() is to give them.
};

// Checks what every traversal relies on: each feature < features; each child a node or a leaf of
// its tree, every node and leaf reached exactly once from the root (so no cycle); bit sets inside
// `bits`; outputs in range; thresholds not NaN; trees at most kDepthMax deep; leaf values of
// float32 sums such as float32 holds.
base::Result<void> check(const Ensemble& ensemble);

inline constexpr std::size_t kDepthMax = 65536;

// check() tree by tree, for an ensemble whose trees are not all there at once.
class TreeChecker {
 public:
  // Of `shape` all but the trees counts. It outlives the checker.
  explicit TreeChecker(const Ensemble& shape) : shape_(shape) {}
  base::Result<void> check(const Tree& tree);

 private:
  // Where a walk still has to go.
  struct Pending {
    std::int32_t child = 0;
    std::uint32_t depth = 0;
  };
  base::Result<void> check_sizes(const Tree& tree) const;
  base::Result<void> check_node(const Node& node, std::size_t index) const;
  bool is_downward_tree(const Tree& tree, std::size_t leaves);
  base::Result<void> walk(const Tree& tree, std::size_t leaves);
  bool mark(Pending at);
  base::Error problem(Pending at) const;

  const Ensemble& shape_;
  // Kept from tree to tree.
  std::vector<std::uint32_t> depths_;  // 0: not met yet, or the root.
  std::vector<bool> seen_nodes_;
  std::vector<bool> seen_leaves_;
  std::vector<Pending> pending_;
};

// Where x goes at `node`: the definition that every faster traversal must agree with.
bool goes_left(const Node& node, std::span<const std::uint32_t> bits, double x);

}  // namespace forest
