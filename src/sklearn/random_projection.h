#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.random_projection
std::span<const Entry> random_projection_entries();

}  // namespace sklearn
