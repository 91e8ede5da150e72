#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// Estimators of scikit-learn that say nothing about rows they were not fitted with: they have
// neither predict nor transform, nor anything else that is asked of a row; and PatchExtractor,
// whose rows are pictures. Refused, saying so.
std::span<const Entry> fit_only_entries();

}  // namespace sklearn
