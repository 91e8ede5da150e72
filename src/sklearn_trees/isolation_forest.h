#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// IsolationForest of sklearn.ensemble, as each release since 0.19 counts how deep a row lies.
std::span<const Entry> isolation_forest_entries();

}  // namespace sklearn
