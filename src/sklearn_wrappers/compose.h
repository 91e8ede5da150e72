#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.compose
std::span<const Entry> compose_entries();

}  // namespace sklearn
