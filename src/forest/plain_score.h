#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "forest/ensemble.h"

namespace forest {

// The definition of a raw score, one goes_left() after another: what tests and fuzz targets hold
// every faster traversal against. Precondition: check(ensemble), row has ensemble.features values.
inline std::vector<double> plain_score(const Ensemble& ensemble, std::span<const double> row) {
  std::vector<double> raw(ensemble.outputs, 0.0);
  for (const Tree& tree : ensemble.trees) {
    std::int32_t at = tree.nodes.empty() ? ~0 : 0;
    while (at >= 0) {
      const Node& node = tree.nodes[static_cast<std::size_t>(at)];
      double x = row[node.feature];
      if (ensemble.float32_input) x = static_cast<double>(static_cast<float>(x));
      at = goes_left(node, ensemble.bits, x) ? node.left : node.right;
    }
    for (std::size_t i = 0; i < ensemble.width; ++i) {
      double& sum = raw[tree.output + i];
      sum += tree.leaf_values[static_cast<std::size_t>(~at) * ensemble.width + i];
      if (ensemble.float32_sum) sum = static_cast<double>(static_cast<float>(sum));
    }
  }
  return raw;
}

}  // namespace forest
