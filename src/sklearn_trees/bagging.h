#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.ensemble: bagged estimators, and imbalanced-learn's that are the same.
std::span<const Entry> bagging_entries();

}  // namespace sklearn
