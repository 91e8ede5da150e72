#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "forest/forest_maker.h"
#include "sklearn_values/words.h"

namespace sklearn {

// Whether these are single trees of scikit-learn, all classifiers or all regressors of one output:
// an ensemble of such can be asked as one forest, in place of one after another.
bool are_single_trees(const Object& ensemble, std::span<const pickle::Value> items,
                      bool classifiers);

// One forest of the trees of an ensemble that makes something else of their leaves than a mean.
class TreeSum {
 public:
  // What a leaf adds to the answer, of what the tree has there: the shares of its classes, which
  // are counts up to 1.2, or the value of a regressor.
  using Leaf = std::function<void(std::span<const double> own, std::span<double> leaf)>;
  struct Shape {
    std::size_t features = 0;
    std::size_t outputs = 1;
    std::size_t width = 1;  // Of a leaf.
  };

  static base::Result<TreeSum> start(Shape shape, const Object& ensemble,
                                     std::span<const pickle::Value> items);

  // The next tree. `features`: which of all features its own are; empty: all.
  struct Member {
    const Object& tree;
    std::size_t own_width = 1;
    std::span<const std::size_t> features;
    std::uint32_t output = 0;
  };
  base::Result<void> add(const Member& member, const Leaf& leaf);

  std::shared_ptr<const forest::Forest> finish() &&;

 private:
  TreeSum(Shape shape, std::unique_ptr<forest::ForestMaker> maker)
      : shape_(shape), maker_(std::move(maker)) {}

  Shape shape_;
  std::unique_ptr<forest::ForestMaker> maker_;
};

// The raw sums of the forest over checked features.
plan::Port emit_tree_sum(plan::Builder& builder, const plan::Port& features,
                         const std::shared_ptr<const forest::Forest>& forest);

}  // namespace sklearn
