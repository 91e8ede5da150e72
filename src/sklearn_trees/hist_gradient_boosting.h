#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// HistGradientBoostingClassifier and HistGradientBoostingRegressor of sklearn.ensemble, with every
// loss, missing values and categories as each release since 0.21 has them.
std::span<const Entry> hist_gradient_boosting_entries();

}  // namespace sklearn
