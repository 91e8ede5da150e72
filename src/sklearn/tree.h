#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "forest/ensemble.h"
#include "forest/forest_maker.h"
#include "sklearn/words.h"

namespace sklearn {

// sklearn.tree
std::span<const Entry> tree_entries();

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

// How many children (forest::count_children) the fitted tree (`tree_` of `object`) has; 0 where its
// nodes are no records of a tree.
std::size_t count_children(const Object& object);

// Makes the estimator that answers with the mean of several trees, which are read one by one.
class TreeMeanMaker {
 public:
  // `children`: of all trees together.
  static base::Result<TreeMeanMaker> start(TreeTask task, std::size_t children,
                                           const Reader& reader);
  // The next fitted tree.
  base::Result<void> add(const Object& object);
  std::unique_ptr<Estimator> finish() &&;

 private:
  TreeMeanMaker(TreeTask task, std::unique_ptr<forest::ForestMaker> forest,
                std::shared_ptr<forest::Ensemble> kept)
      : task_(std::move(task)), forest_(std::move(forest)), kept_(std::move(kept)) {}

  TreeTask task_;
  std::unique_ptr<forest::ForestMaker> forest_;
  std::shared_ptr<forest::Ensemble> kept_;  // Null unless ReadOptions::keep_trees.
  std::size_t trees_ = 0;
};

}  // namespace sklearn
