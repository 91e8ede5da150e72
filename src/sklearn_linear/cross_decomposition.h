#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.cross_decomposition
std::span<const Entry> cross_decomposition_entries();

}  // namespace sklearn
