#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.preprocessing: what encodes categories and labels as numbers
std::span<const Entry> encoder_entries();

}  // namespace sklearn
