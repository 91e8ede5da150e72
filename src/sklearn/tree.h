#pragma once

#include <memory>
#include <vector>

#include "forest/ensemble.h"
#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.tree
base::Result<std::unique_ptr<Estimator>> read_tree_classifier(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_tree_regressor(const Object&, Reader&);

// What the leaves of trees hold, and how a single tree or a mean of many answers.
struct TreeTask {
  bool classifier = false;
  data::Labels classes;
  std::size_t features = 0;
  std::size_t width = 1;  // Classes, or outputs of a regressor.
  bool nan_allowed = false;
};

// n_features_in_, n_outputs_ and classes_ of a tree or a forest of trees.
base::Result<TreeTask> read_tree_task(const Object& object, bool classifier);

// Adds one fitted tree (`tree_` of `object`) to the ensemble.
base::Result<void> add_tree(const Object& object, const TreeTask& task, forest::Ensemble& ensemble);

// The estimator that answers with the mean of the ensemble's trees.
base::Result<std::unique_ptr<Estimator>> make_tree_mean(TreeTask task, forest::Ensemble ensemble,
                                                        const Reader& reader);

}  // namespace sklearn
