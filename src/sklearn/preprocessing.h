#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.preprocessing but for its encoders
std::span<const Entry> preprocessing_entries();

}  // namespace sklearn
