#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.preprocessing: what makes more features of each
std::span<const Entry> expansion_entries();

}  // namespace sklearn
