#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.preprocessing.OneHotEncoder
std::span<const Entry> one_hot_encoder_entries();

}  // namespace sklearn
