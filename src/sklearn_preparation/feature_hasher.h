#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// FeatureHasher: rows of names and their values, which nobody knows beforehand.
std::span<const Entry> feature_hasher_entries();

}  // namespace sklearn
