#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "fitted/object.h"

namespace boosters {

struct XgbImportances {
  std::vector<double> values;  // `rows` of one for each feature.
  std::size_t rows = 1;        // Of coef_, for each class. feature_importances_ is one row.
  bool single = false;  // They are numbers of single precision, and so is what is made of them.
};

// How much an XGBoost wrapper makes of each feature, as `getter` asks: "coef_" of a linear booster,
// "feature_importances_", or "auto", the first of them that it has. Decisions of trees tell what
// importance_type says; refuses a model that does not keep what they gained.
base::Result<XgbImportances> xgboost_importances(const fitted::Object& wrapper,
                                                 std::string_view getter);

// Whether the release of a fitted wrapper tells scikit-learn that it takes NaN.
bool xgboost_says_missing(const fitted::Object& wrapper);

}  // namespace boosters
