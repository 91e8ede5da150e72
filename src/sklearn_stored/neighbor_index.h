#pragma once

#include <memory>
#include <string_view>

#include "plan_neighbors/neighbor_tree.h"
#include "plan_neighbors/neighbors.h"
#include "sklearn_values/words.h"

namespace sklearn {

using NeighborIndexPtr = std::shared_ptr<const plan::NeighborIndex>;

// A metric by its name, with the p, w, V or VI of `parameters`. Refuses by name what is a function
// or is not one of plan::Metric's, for `features` of a row.
base::Result<plan::Metric> read_metric(const Object& object, std::string_view attribute,
                                       std::optional<pickle::Value> parameters,
                                       std::size_t features);

// What an estimator of neighbours looks among: _fit_X, or _tree.
base::Result<NeighborIndexPtr> read_neighbor_index(const Object& object, Reader& reader);

// A pickled KDTree or BallTree.
struct PickledTree {
  plan::NeighborTree tree;      // As it stands there: unchecked.
  std::vector<double> weights;  // Of the rows, or empty.
};
base::Result<PickledTree> read_neighbor_tree(const Object& owner, pickle::Value tree);
base::Result<NeighborIndexPtr> tree_index(const Object& owner, plan::NeighborTree tree);

// How the release sorts neighbours.
plan::NeighborSort neighbor_sort_of(const Object& object);

}  // namespace sklearn
