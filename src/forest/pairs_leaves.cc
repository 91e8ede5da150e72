#include "forest/pairs_leaves.h"

namespace forest {
namespace {

// Nodes in an order in which each comes before its children.
std::vector<std::uint32_t> parents_first(const Tree& tree) {
  std::vector<std::uint32_t> order;
  order.reserve(tree.nodes.size());
  if (!tree.nodes.empty()) order.push_back(0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Node& node = tree.nodes[order[i]];
    if (node.left >= 0) order.push_back(static_cast<std::uint32_t>(node.left));
    if (node.right >= 0) order.push_back(static_cast<std::uint32_t>(node.right));
  }
  return order;
}

}  // namespace

LeafOrder order_leaves(const Tree& tree) {
  LeafOrder result;
  result.runs.resize(tree.nodes.size());
  result.leaves.resize(tree.nodes.size() + 1);
  const std::vector<std::uint32_t> order = parents_first(tree);

  std::vector<std::uint32_t> counts(tree.nodes.size());
  const auto count = [&](std::int32_t child) {
    return child < 0 ? 1U : counts[static_cast<std::size_t>(child)];
  };
  for (std::size_t i = order.size(); i-- > 0;) {
    const Node& node = tree.nodes[order[i]];
    counts[order[i]] = count(node.left) + count(node.right);
  }

  const auto place = [&](std::int32_t child, std::uint32_t begin) {
    if (child < 0) {
      result.leaves[begin] = static_cast<std::uint32_t>(~child);
    } else {
      result.runs[static_cast<std::size_t>(child)].begin = begin;
    }
  };
  for (const std::uint32_t at : order) {
    const Node& node = tree.nodes[at];
    LeafRun& run = result.runs[at];
    run.middle = run.begin + count(node.left);
    run.end = run.begin + counts[at];
    place(node.left, run.begin);
    place(node.right, run.middle);
  }
  return result;
}

}  // namespace forest
