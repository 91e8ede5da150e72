#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// The regressors of sklearn.linear_model, generalized ones too, and LinearSVR, which is one of them
// elsewhere.
std::span<const Entry> linear_regressor_entries();

}  // namespace sklearn
