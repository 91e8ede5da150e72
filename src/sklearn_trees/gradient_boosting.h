#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// GradientBoostingClassifier and GradientBoostingRegressor of sklearn.ensemble, with every loss.
std::span<const Entry> gradient_boosting_entries();

}  // namespace sklearn
