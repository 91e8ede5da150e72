#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "forest/catboost.h"
#include "forest/flat_buffer.h"

namespace forest {

// What the readers of CatBoost's file (catboost.cc, catboost_trees.cc, catboost_ctr.cc) share.

// Bounds what all vectors take together: tables of a FlatBuffers file may share one.
class CatBudget {
 public:
  explicit CatBudget(std::size_t file_bytes) : left_(4 * file_bytes + 4096) {}
  base::Result<void> spend(std::size_t bytes) {
    if (bytes > left_) {
      return base::Error(base::Code::Corrupt,
                         "expected vectors that are no longer than the file, got shared ones");
    }
    left_ -= bytes;
    return {};
  }

 private:
  std::size_t left_;
};

// One decision that trees may make: is the column above `border`, or the category the `value`-th.
struct CatDecision {
  std::uint32_t column = 0;
  float border = 0;
  bool by_category = false;
  std::uint32_t value = 0;
  bool nan_above = false;
};

// Fields of TModelTrees, which FlatBuffers numbers.
enum CatTreesField : std::size_t {
  ApproxDimension,
  TreeSplits,
  TreeSizes,
  TreeStartOffsets,
  CatFeatures,
  FloatFeatures,
  OneHotFeatures,
  CtrFeatures,
  LeafValues,
  LeafWeights,
  StepNodes,
  NodeToLeaf,
  TextFeatures,
  EstimatedFeatures,
  ScaleFactor,
  SingleBias,
  Biases,
  RepackedBins,
  EmbeddingFeatures,
};

// The trees, whose decisions are numbered through `decisions`.
base::Result<void> read_cat_trees(const FlatTable& trees, const std::vector<CatDecision>& decisions,
                                  CatBudget& budget, CatModel& model);

// What a column of statistics is computed of, and its borders.
struct CatCtrFeature {
  CatCombination combination;
  CatCtr ctr;
  std::vector<float> borders;
};
base::Result<std::vector<CatCtrFeature>> read_ctr_features(const FlatTable& trees,
                                                           CatBudget& budget);
// The tables that stand behind the model.
base::Result<std::vector<CatCtrTable>> read_ctr_tables(std::string_view bytes, CatBudget& budget);

}  // namespace forest
