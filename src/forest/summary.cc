#include "forest/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace forest {
namespace {

std::size_t depth_of(const Tree& tree) {
  std::vector<std::pair<std::int32_t, std::size_t>> pending;
  if (!tree.nodes.empty()) pending.emplace_back(0, 1);
  std::size_t deepest = 0;
  while (!pending.empty()) {
    const auto [at, depth] = pending.back();
    pending.pop_back();
    deepest = std::max(deepest, depth);
    const Node& node = tree.nodes[static_cast<std::size_t>(at)];
    for (const std::int32_t child : {node.left, node.right}) {
      if (child >= 0) pending.emplace_back(child, depth + 1);
    }
  }
  return deepest;
}

}  // namespace

Summary summarize(const Ensemble& ensemble) {
  Summary summary{.features = ensemble.features, .outputs = ensemble.outputs};
  summary.trees = ensemble.trees.size();
  for (const Tree& tree : ensemble.trees) {
    summary.nodes += tree.nodes.size();
    summary.leaves += tree.leaves(ensemble.width);
    summary.categorical += static_cast<std::size_t>(std::count_if(
        tree.nodes.begin(), tree.nodes.end(), [](const Node& node) { return node.categorical; }));
    summary.depth = std::max(summary.depth, depth_of(tree));
  }
  return summary;
}

std::string describe(const Summary& summary) {
  std::string text = fmt::format("{} trees, {} decisions", summary.trees, summary.nodes);
  if (summary.categorical > 0) text += fmt::format(" ({} categorical)", summary.categorical);
  text += fmt::format(", {} leaves, depth {}, {} features, {} outputs", summary.leaves,
                      summary.depth, summary.features, summary.outputs);
  return text;
}

}  // namespace forest
