#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.ensemble
std::span<const Entry> ensemble_entries();

}  // namespace sklearn
