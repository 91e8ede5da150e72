#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.ensemble: AdaBoost, and imbalanced-learn's that is the same.
std::span<const Entry> ada_boost_entries();

}  // namespace sklearn
