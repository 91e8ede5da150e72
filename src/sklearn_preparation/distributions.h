#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.preprocessing: what gives features another distribution
std::span<const Entry> distribution_entries();

}  // namespace sklearn
