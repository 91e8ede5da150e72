#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.feature_extraction.text
std::span<const Entry> feature_extraction_entries();

}  // namespace sklearn
