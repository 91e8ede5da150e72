// The trees of a cbm model. Oblivious ones ask one decision on each level: TreeSizes says how many
// a tree has, TreeSplits names them from the least significant bit of its leaf's number up, and
// LeafValues has the outputs of all leaves of all trees one behind another. Others have a pair of
// uint16 for each node, how far off its left and right child are, where 0 ends the walk at the
// node, whose values begin at NodeToLeaf.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "forest/catboost_parts.h"

namespace forest {
namespace {

constexpr std::size_t kObliviousDepthMax = 24;
constexpr std::size_t kFreeBitWords = std::size_t{1} << 18U;

base::Error corrupt_cat_tree(std::string message) {
  return {base::Code::Corrupt, std::move(message)};
}

struct CatArrays {
  std::vector<std::int32_t> splits;
  std::vector<std::int32_t> sizes;
  std::vector<double> values;
  std::string_view steps;                // Four bytes each; none: oblivious trees.
  std::vector<std::uint32_t> step_leaf;  // Where the values of a node begin.
};

class CatTreesReader {
 public:
  CatTreesReader(const CatArrays& arrays, const std::vector<CatDecision>& decisions,
                 Ensemble& ensemble)
      : arrays_(arrays),
        decisions_(decisions),
        ensemble_(ensemble),
        words_left_(kFreeBitWords + arrays.values.size() * sizeof(double)) {}

  base::Result<void> read() {
    std::size_t split = 0;
    for (const std::int32_t size : arrays_.sizes) {
      if (size < 0 || static_cast<std::size_t>(size) > arrays_.splits.size() - split) {
        return corrupt_cat_tree("expected as many decisions as the trees have, got fewer");
      }
      const auto count = static_cast<std::size_t>(size);
      ensemble_.trees.emplace_back();
      if (arrays_.steps.empty()) {
        TRY(read_oblivious(split, count));
      } else {
        TRY(read_steps(split, count));
      }
      split += count;
    }
    return {};
  }

 private:
  // Above goes right, which is bit 1.
  base::Result<Node> decision(std::size_t split) {
    const std::int32_t number = arrays_.splits[split];
    if (number < 0 || static_cast<std::size_t>(number) >= decisions_.size()) {
      return corrupt_cat_tree(
          fmt::format("expected a decision below {}, got {}", decisions_.size(), number));
    }
    const CatDecision& from = decisions_[static_cast<std::size_t>(number)];
    Node node;
    node.feature = from.column;
    node.missing = Missing::Nan;
    node.default_left = !from.nan_above;
    node.threshold = static_cast<double>(from.border);
    if (std::isnan(from.border)) return corrupt_cat_tree("expected borders, got NaN");
    if (from.by_category) {
      node.categorical = true;
      const std::size_t words = from.value / 32 + 1;
      if (words > words_left_) {
        return base::Error(base::Code::Unsupported,
                           "expected fewer categories for a file of this size");
      }
      words_left_ -= words;
      node.bits_begin = static_cast<std::uint32_t>(ensemble_.bits.size());
      ensemble_.bits.resize(ensemble_.bits.size() + words);
      ensemble_.bits.back() = 1U << (from.value % 32);
      node.bits_end = static_cast<std::uint32_t>(ensemble_.bits.size());
    }
    return node;
  }

  // Members of a bit set go left in an ensemble, and are above here.
  static void set_children(Node& node, std::int32_t below, std::int32_t above) {
    node.left = node.categorical ? above : below;
    node.right = node.categorical ? below : above;
    if (node.categorical) node.default_left = false;
  }

  base::Result<void> read_oblivious(std::size_t split, std::size_t depth) {
    const std::size_t width = ensemble_.width;
    const std::size_t left = (arrays_.values.size() - value_) / width;
    if (depth > kObliviousDepthMax || left < (std::size_t{1} << depth)) {
      return corrupt_cat_tree(fmt::format(
          "expected {} values, got {}",
          depth > kObliviousDepthMax ? std::string("fewer") : std::to_string(width << depth),
          arrays_.values.size() - value_));
    }
    Tree& tree = ensemble_.trees.back();
    const std::size_t leaves = std::size_t{1} << depth;
    std::vector<Node> levels;
    for (std::size_t i = 0; i < depth; ++i) {
      // The most significant bit first.
      TRY_ASSIGN(Node node, decision(split + depth - 1 - i));
      levels.push_back(node);
    }
    // Node k has the children 2k + 1 and 2k + 2; behind the last node the leaves go on.
    const auto child = [&](std::size_t number) {
      return number < leaves - 1 ? static_cast<std::int32_t>(number)
                                 : ~static_cast<std::int32_t>(number - (leaves - 1));
    };
    for (std::size_t level = 0, k = 0; level < depth; ++level) {
      for (; k < (std::size_t{2} << level) - 1; ++k) {
        tree.nodes.push_back(levels[level]);
        set_children(tree.nodes.back(), child(2 * k + 1), child(2 * k + 2));
      }
    }
    const auto begin = arrays_.values.begin() + static_cast<std::ptrdiff_t>(value_);
    tree.leaf_values.assign(begin, begin + static_cast<std::ptrdiff_t>(leaves * width));
    value_ += leaves * width;
    return {};
  }

  std::pair<std::uint16_t, std::uint16_t> step(std::size_t node) const {
    std::uint16_t both[2] = {};
    std::memcpy(both, arrays_.steps.data() + 4 * node, sizeof both);
    return {both[0], both[1]};
  }

  // A leaf of the values of `node`.
  base::Result<std::int32_t> add_step_leaf(std::size_t node) {
    Tree& tree = ensemble_.trees.back();
    const std::size_t width = ensemble_.width;
    const std::size_t begin = arrays_.step_leaf[node];
    if (begin > arrays_.values.size() || width > arrays_.values.size() - begin) {
      return corrupt_cat_tree(fmt::format("node {}: expected values below {}, got {}", node,
                                          arrays_.values.size(), begin));
    }
    const auto at = arrays_.values.begin() + static_cast<std::ptrdiff_t>(begin);
    tree.leaf_values.insert(tree.leaf_values.end(), at, at + static_cast<std::ptrdiff_t>(width));
    return ~static_cast<std::int32_t>(tree.leaf_values.size() / width - 1);
  }

  // The nodes of a tree are [first, first + count).
  base::Result<void> read_steps(std::size_t first, std::size_t count) {
    if (count == 0 || arrays_.steps.size() / 4 < first + count ||
        arrays_.step_leaf.size() < first + count) {
      return corrupt_cat_tree(fmt::format("expected {} nodes, got fewer", first + count));
    }
    // Children stand behind their parents, so the last node is read first.
    std::vector<std::int32_t> places(count);
    std::vector<Node> reversed;
    std::vector<std::size_t> decisions_at;
    Tree& tree = ensemble_.trees.back();
    std::vector<std::uint32_t> parents(count, 0);
    for (std::size_t i = count; i-- > 0;) {
      const auto [left, right] = step(first + i);
      if (left >= count - i || right >= count - i) {
        return corrupt_cat_tree(fmt::format("node {}: expected children below {}", i, count));
      }
      if (left == 0 && right == 0) {
        TRY_ASSIGN(places[i], add_step_leaf(first + i));
        continue;
      }
      std::int32_t below = 0;
      std::int32_t above = 0;
      for (const auto& [distance, place] : {std::pair{left, &below}, std::pair{right, &above}}) {
        if (distance == 0) {
          TRY_ASSIGN(*place, add_step_leaf(first + i));
          continue;
        }
        if (++parents[i + distance] > 1) {
          return corrupt_cat_tree(fmt::format("node {} is reached twice", i + distance));
        }
        *place = places[i + distance];
      }
      TRY_ASSIGN(Node node, decision(first + i));
      set_children(node, below, above);
      places[i] = static_cast<std::int32_t>(reversed.size());
      reversed.push_back(node);
    }
    return finish_steps(reversed, places[0], tree);
  }

  // The root is the last of the nodes; it is to be the first.
  static base::Result<void> finish_steps(const std::vector<Node>& reversed, std::int32_t root,
                                         Tree& tree) {
    if (root < 0) return {};
    const auto last = static_cast<std::int32_t>(reversed.size()) - 1;
    for (auto at = reversed.rbegin(); at != reversed.rend(); ++at) {
      Node node = *at;
      if (node.left >= 0) node.left = last - node.left;
      if (node.right >= 0) node.right = last - node.right;
      tree.nodes.push_back(node);
    }
    return {};
  }

  const CatArrays& arrays_;
  const std::vector<CatDecision>& decisions_;
  Ensemble& ensemble_;
  std::size_t words_left_;
  std::size_t value_ = 0;
};

}  // namespace

base::Result<void> read_cat_trees(const FlatTable& trees, const std::vector<CatDecision>& decisions,
                                  CatBudget& budget, CatModel& model) {
  CatArrays arrays;
  TRY_ASSIGN(arrays.splits, trees.numbers<std::int32_t>(TreeSplits));
  TRY_ASSIGN(arrays.sizes, trees.numbers<std::int32_t>(TreeSizes));
  TRY_ASSIGN(arrays.values, trees.numbers<double>(LeafValues));
  TRY_ASSIGN(arrays.steps, trees.bytes(StepNodes, 4));
  TRY_ASSIGN(arrays.step_leaf, trees.numbers<std::uint32_t>(NodeToLeaf));
  TRY(budget.spend(4 * (arrays.splits.size() + arrays.sizes.size() + arrays.step_leaf.size()) +
                   8 * arrays.values.size()));
  return CatTreesReader(arrays, decisions, model.ensemble).read();
}

}  // namespace forest
