#include "forest/ensemble.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

namespace forest {
namespace {

base::Error invalid(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

constexpr double kBeyondInt = 2147483648.0;

bool is_member(std::span<const std::uint32_t> words, double x) {
  if (!(x > -1.0 && x < kBeyondInt)) return false;
  const auto category = static_cast<std::uint32_t>(static_cast<std::int32_t>(x));
  const std::size_t word = category / 32;
  return word < words.size() && ((words[word] >> (category % 32)) & 1U) != 0;
}

}  // namespace

base::Result<void> TreeChecker::check_node(const Node& node, std::size_t index) const {
  if (node.feature >= shape_.features) {
    return invalid(fmt::format("node {}: expected a feature below {}, got {}", index,
                               shape_.features, node.feature));
  }
  if (node.categorical) {
    if (node.bits_begin > node.bits_end || node.bits_end > shape_.bits.size()) {
      return invalid(fmt::format("node {}: expected a bit set inside {} words, got [{}, {})", index,
                                 shape_.bits.size(), node.bits_begin, node.bits_end));
    }
  } else if (std::isnan(node.threshold)) {
    return invalid(fmt::format("node {}: expected a threshold, got NaN", index));
  }
  return {};
}

base::Result<void> TreeChecker::check(const Tree& tree) {
  TRY(check_sizes(tree));
  if (shape_.float32_sum) {
    for (const double value : tree.leaf_values) {
      if (static_cast<double>(static_cast<float>(value)) == value || std::isnan(value)) continue;
      return invalid(fmt::format("expected leaf values that float32 holds, got {}", value));
    }
  }
  const std::size_t leaves = tree.leaves(shape_.width);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    TRY(check_node(tree.nodes[i], i));
  }
  return is_downward_tree(tree, leaves) ? base::Result<void>() : walk(tree, leaves);
}

base::Result<void> TreeChecker::check_sizes(const Tree& tree) const {
  const std::size_t width = shape_.width;
  if (tree.leaf_values.size() % width != 0 || tree.leaves(width) != tree.nodes.size() + 1) {
    return invalid(fmt::format("expected {} leaf values for {} nodes, got {}",
                               (tree.nodes.size() + 1) * width, tree.nodes.size(),
                               tree.leaf_values.size()));
  }
  if (tree.nodes.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    return invalid(fmt::format("expected fewer than 2^31 nodes, got {}", tree.nodes.size()));
  }
  if (shape_.numbered && tree.leaf_numbers.size() != tree.leaves(width)) {
    return invalid(fmt::format("expected a number for each of {} leaves, got {}",
                               tree.leaves(width), tree.leaf_numbers.size()));
  }
  if (width > shape_.outputs || tree.output > shape_.outputs - width) {
    return invalid(fmt::format("expected outputs [{}, {} + {}) among {}", tree.output, tree.output,
                               width, shape_.outputs));
  }
  return {};
}

// Whether it is a tree in which every child has a greater number than its parent, as all
// libraries write them: then one pass in their order does, and what was reached once is in reach
// of the root. What it does not take is walk()'s to judge.
bool TreeChecker::is_downward_tree(const Tree& tree, std::size_t leaves) {
  const std::size_t nodes = tree.nodes.size();
  depths_.assign(nodes, 0);
  seen_leaves_.assign(leaves, false);
  std::size_t nodes_met = 1;
  const auto mark_child = [&](std::size_t parent, std::int32_t child) {
    const std::uint32_t depth = depths_[parent] + 1;
    if (depth > kDepthMax) return false;
    if (child < 0) {
      const auto leaf = static_cast<std::size_t>(~child);
      if (leaf >= leaves || seen_leaves_[leaf]) return false;
      seen_leaves_[leaf] = true;
      return true;
    }
    const auto node = static_cast<std::size_t>(child);
    if (node <= parent || node >= nodes || depths_[node] != 0) return false;
    depths_[node] = depth;
    ++nodes_met;
    return true;
  };
  for (std::size_t i = 0; i < nodes; ++i) {
    if (!mark_child(i, tree.nodes[i].left) || !mark_child(i, tree.nodes[i].right)) return false;
  }
  // Each node was met at most once; so were the leaves, of which there is one more.
  return nodes > 0 && nodes_met == nodes;
}

base::Result<void> TreeChecker::walk(const Tree& tree, std::size_t leaves) {
  seen_nodes_.assign(tree.nodes.size(), false);
  seen_leaves_.assign(leaves, false);
  pending_.assign(1, {tree.nodes.empty() ? ~0 : 0, 0});
  std::size_t met = 0;
  for (; !pending_.empty(); ++met) {
    const Pending at = pending_.back();
    pending_.pop_back();
    if (!mark(at)) return problem(at);
    if (at.child < 0) continue;
    const Node& node = tree.nodes[static_cast<std::size_t>(at.child)];
    pending_.push_back({node.left, at.depth + 1});
    pending_.push_back({node.right, at.depth + 1});
  }
  if (met != tree.nodes.size() + leaves) {
    return invalid(fmt::format("expected {} nodes and leaves in reach of the root, got {}",
                               tree.nodes.size() + leaves, met));
  }
  return {};
}

bool TreeChecker::mark(Pending at) {
  const bool leaf = at.child < 0;
  const auto index = static_cast<std::size_t>(leaf ? ~at.child : at.child);
  std::vector<bool>& seen = leaf ? seen_leaves_ : seen_nodes_;
  if (index >= seen.size() || seen[index] || at.depth > kDepthMax) return false;
  seen[index] = true;
  return true;
}

// Why mark() refused.
base::Error TreeChecker::problem(Pending at) const {
  const bool leaf = at.child < 0;
  const auto index = static_cast<std::size_t>(leaf ? ~at.child : at.child);
  const std::vector<bool>& seen = leaf ? seen_leaves_ : seen_nodes_;
  const char* what = leaf ? "leaf" : "node";
  if (index >= seen.size()) {
    return invalid(fmt::format("expected {} below {}, got {}", what, seen.size(), index));
  }
  if (seen[index]) return invalid(fmt::format("{} {} is reached twice", what, index));
  return invalid(fmt::format("expected at most {} decisions in a row", kDepthMax));
}

base::Result<void> check(const Ensemble& ensemble) {
  if (ensemble.width == 0 || ensemble.outputs == 0) {
    return invalid("expected at least one output and one value per leaf, got none");
  }
  TreeChecker checker(ensemble);
  for (std::size_t i = 0; i < ensemble.trees.size(); ++i) {
    if (auto outcome = checker.check(ensemble.trees[i]); !outcome.ok()) {
      return std::move(outcome).error().within(fmt::format("tree {}", i));
    }
  }
  return {};
}

bool goes_left(const Node& node, std::span<const std::uint32_t> bits, double x) {
  if (std::isnan(x)) {
    if (node.missing != Missing::None) {
      return node.default_left && (!node.categorical || node.missing == Missing::Nan);
    }
    if (node.categorical) return false;
    x = 0;
  }
  if (node.categorical) {
    return is_member(bits.subspan(node.bits_begin, node.bits_end - node.bits_begin), x);
  }
  if (node.missing == Missing::Zero && std::abs(x) <= kZeroThreshold) return node.default_left;
  return x <= node.threshold;
}

}  // namespace forest
