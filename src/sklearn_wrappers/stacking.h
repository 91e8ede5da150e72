#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.ensemble: StackingClassifier and StackingRegressor.
std::span<const Entry> stacking_entries();

}  // namespace sklearn
