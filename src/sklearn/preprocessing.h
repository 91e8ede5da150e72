#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.preprocessing but for what scales (scalers.h) or has a file of its own
std::span<const Entry> preprocessing_entries();

}  // namespace sklearn
