#pragma once

#include <vector>

#include "fitted/object.h"

namespace boosters {

// feature_importances_ of a LightGBM wrapper, which its trees tell: how often a feature splits, or
// what its splits gain, as importance_type says.
base::Result<std::vector<double>> lightgbm_importances(const fitted::Object& wrapper);

}  // namespace boosters
