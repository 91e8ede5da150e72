#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// Estimators that hold another and answer with it: sklearn.model_selection, sklearn.frozen,\n//
// sklearn.semi_supervised and TransformedTargetRegressor.
std::span<const Entry> search_entries();

}  // namespace sklearn
