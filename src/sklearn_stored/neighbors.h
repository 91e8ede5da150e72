#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.neighbors, and KDTree and BallTree by themselves. Weights or metrics that are functions
// of the user's, and distances that the caller computed, are refused.
std::span<const Entry> neighbors_entries();

}  // namespace sklearn
