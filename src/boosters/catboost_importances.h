#pragma once

#include <vector>

#include "fitted/object.h"

namespace boosters {

// feature_importances_ of a CatBoost model, which its pickle holds beside the trees: it was worked
// out when it was fitted. Refuses one without, as rankers are, and one where it cannot be told
// which of two is meant.
base::Result<std::vector<double>> catboost_importances(const fitted::Object& model);

}  // namespace boosters
