#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.feature_selection: some of the features.
std::span<const Entry> feature_selection_entries();

}  // namespace sklearn
