#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "plan/buffer.h"
#include "plan_neighbors/metric.h"
#include "plan_neighbors/neighbors.h"

namespace plan {

// scikit-learn's KDTree and BallTree as they were fitted: node i has the children 2 i + 1 and 2 i
// + 2. Rows at the same distance are decided between by the order of the search, which is theirs.
struct NeighborTree {
  struct Node {
    std::size_t first = 0;  // Of `order`.
    std::size_t last = 0;   // Behind it.
    bool leaf = false;
    double radius = 0;
  };
  Metric metric;
  Matrix rows;
  std::vector<std::int64_t> order;  // Which rows the nodes have.
  std::vector<Node> nodes;
  // Nodes x features: the lower and the upper ends of a KDTree's boxes; the centres of a BallTree's
  // balls, and then no upper ends.
  std::vector<double> lower;
  std::vector<double> upper;
};

// Refuses a tree whose children do not share out what their parent has.
base::Result<void> check_tree(const NeighborTree& tree);
base::Result<std::shared_ptr<const NeighborIndex>> make_tree_index(NeighborTree tree);

}  // namespace plan
