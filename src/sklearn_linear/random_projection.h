#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.random_projection
std::span<const Entry> random_projection_entries();

}  // namespace sklearn
