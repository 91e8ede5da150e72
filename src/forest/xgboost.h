#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "forest/ensemble.h"

namespace forest {

// The categories of one feature that was a column of categories, in the order of their codes.
// Empty: a feature of numbers, or categories that are their own codes.
using XgbCategories = std::variant<std::monostate, std::vector<double>, std::vector<std::string>>;

// One decision of a tree, as XGBoost's importances of features ask for it.
struct XgbSplit {
  std::uint32_t feature = 0;
  bool categorical = false;
  float gain = 0;
  float cover = 0;
};

// A booster read from XGBoost's model file. Its raw scores are the ensemble's sums and, for each
// output, the base score, before the first tree or behind the last as `base_last` says: all in
// float32. `linear` boosters have no trees.
struct XgbModel {
  Ensemble ensemble;  // Has passed check(); without the base score, with leaf numbers.
  int major = 0;      // Release that wrote it; 0 and 0 before 1.0.
  int minor = 0;
  std::string objective;  // "binary:logistic"
  std::string booster;    // "gbtree", "dart", "gblinear"
  std::size_t classes = 0;
  std::vector<float> base_scores;  // One, or one for each output, as a user gives it.
  bool base_is_margin = false;     // It was the objective's to transform and it was.
  bool base_last = false;
  // The tree at which each iteration begins, and the count of trees; of trees that all count.
  std::vector<std::size_t> iterations;
  std::vector<float> weights;  // dart: one for each tree, which its leaves do not have yet.
  std::vector<float> linear;   // gblinear: (features + 1) x outputs, the bias last.
  std::vector<std::string> feature_names;  // None, or as many as features.
  std::vector<std::string> feature_types;  // The same: "float", "int", "i", "q", "c".
  std::vector<XgbCategories> categories;   // The same.
  std::vector<std::pair<std::string, std::string>> attributes;
  // Where they were asked for: those of all trees, in the order in which the release visits them.
  std::vector<XgbSplit> splits;

  std::optional<std::string_view> attribute(std::string_view name) const;
};

// How much of a model counts.
struct XgbLimit {
  std::size_t iterations_max = 0;  // Only the first iterations. 0: all.
  std::size_t trees_max = 0;       // Only the first trees of each output (before 1.4). 0: all.
};

// What XGBoost's save_model, save_raw and pickles hold, told apart by what the bytes begin with:
// JSON, UBJSON, and the binary form up to release 3.0, each alone or with the configuration of a
// pickled booster. Refuses boosters and shapes that XGBoost does not write. `with_splits`: keeps
// what each decision gained, and refuses a model that does not say it.
base::Result<XgbModel> parse_xgboost(std::string_view bytes, bool with_splits = false);

// Drops the trees that do not count.
void keep_first(XgbLimit limit, XgbModel& model);

// Whether the bytes begin as one of those model files does.
bool is_xgboost(std::string_view bytes);

}  // namespace forest
