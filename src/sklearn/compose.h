#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.compose
std::span<const Entry> compose_entries();

}  // namespace sklearn
