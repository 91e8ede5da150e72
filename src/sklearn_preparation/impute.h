#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.impute, and preprocessing.Imputer that came before it
std::span<const Entry> impute_entries();

}  // namespace sklearn
