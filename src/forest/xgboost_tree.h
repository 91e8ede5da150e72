#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "forest/ensemble.h"
#include "forest/model_value.h"

namespace forest {

// What the readers of XGBoost's forms of a model share: nodes in arrays become a Tree.

// One node as XGBoost numbers them; a leaf has no left child.
struct XgbNode {
  std::int32_t left = -1;
  std::int32_t right = -1;
  std::uint32_t feature = 0;
  float value = 0;  // Threshold, or a leaf's value.
  bool default_left = false;
  bool categorical = false;
  std::span<const std::int32_t> categories;  // They go right.
};

// The values of a leaf, where a tree has several for each; else empty.
struct XgbLeaves {
  std::span<const float> values;  // rows x width
  bool by_leaf = false;           // A leaf's row is its right child's number, else its own.
};

// Bounds what bit sets may take together: a file of a few bytes may name a category of millions.
struct XgbBitsBudget {
  std::size_t words_left = 0;
};

// Adds bit sets to `ensemble`, and no tree. Numbers nodes from the root down, so unused nodes go.
base::Result<Tree> make_xgb_tree(std::span<const XgbNode> nodes, XgbLeaves leaves,
                                 XgbBitsBudget& budget, Ensemble& ensemble);

// The nodes of one element of "trees" of the JSON and UBJSON forms, without their categories.
base::Result<std::vector<XgbNode>> read_xgb_nodes(const ModelValue& value);

// One such element.
base::Result<Tree> read_xgb_tree(const ModelValue& value, XgbBitsBudget& budget,
                                 Ensemble& ensemble);

}  // namespace forest
