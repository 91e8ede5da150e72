#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "forest/ensemble.h"
#include "forest/forest_maker.h"
#include "forest/sklearn_tree.h"
#include "pickle/numbers.h"
#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.tree
std::span<const Entry> tree_entries();

// The arrays of a fitted tree (`tree_` of an object), where the document has them.
struct TreeArrays {
  std::size_t nodes = 0;
  pickle::Viewed<std::int64_t> left;
  pickle::Viewed<std::int64_t> right;
  pickle::Viewed<std::int64_t> feature;
  pickle::Viewed<double> threshold;
  pickle::Viewed<std::uint8_t> missing;
  const pickle::Array* records = nullptr;  // The nodes.
  const pickle::Array* values = nullptr;   // [nodes, outputs, classes]
};

// Refuses what is no fitted tree of scikit-learn. What the arrays hold is the forest's to check.
base::Result<TreeArrays> read_tree_arrays(const Object& object);

// The tree whose leaves hold `width` of `values` for each node.
base::Result<forest::Tree> make_tree(const Object& object, const TreeArrays& arrays,
                                     const base::Strided<double>& values, std::size_t width,
                                     std::uint32_t output = 0);

// Walks all of `estimators_`, a list of fitted trees; the first that is refused says where it
// stood.
template <typename Each>
base::Result<void> for_each_tree(const Object& object, std::span<const pickle::Value> items,
                                 const Each& each) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const Object tree, Object::of(items[i], object.release()));
    auto done = each(tree, i);
    if (!done.ok()) {
      return std::move(done).error().within("estimators_[" + std::to_string(i) + "]");
    }
  }
  return {};
}

// What the leaves of trees hold, and how a single tree or a mean of many answers.
struct TreeTask {
  bool classifier = false;
  std::vector<data::Labels> classes;  // A classifier's, of each output.
  std::vector<std::size_t> widths;    // Classes of each output, or 1 of each of a regressor.
  std::size_t features = 0;
  std::size_t width = 1;  // All of `widths`.
  bool nan_allowed = false;
  // Leaves hold what predict_proba has yet to divide by its sum.
  bool counts = false;
  // A tree by itself, whose apply has one dimension; a forest's has two, of a single tree too.
  bool alone = false;
};

// The number of features of whatever was fitted.
base::Result<std::size_t> read_tree_features(const Object& object);

// n_features_in_, n_outputs_ and classes_ of a tree or a forest of trees.
base::Result<TreeTask> read_tree_task(const Object& object, Reader& reader, bool classifier);

// Whether a fitted tree lets NaN through (its allow_nan tag, by release).
bool tree_takes_nan(const Object& tree);

// How many children (forest::count_children) the fitted tree (`tree_` of `object`) has; 0 where its
// nodes are no records of a tree.
std::size_t count_children(const Object& object);
std::size_t count_children(const Object& forest, std::span<const pickle::Value> trees);

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
