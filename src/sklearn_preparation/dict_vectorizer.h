#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.feature_extraction: what takes dictionaries
std::span<const Entry> dict_vectorizer_entries();

}  // namespace sklearn
