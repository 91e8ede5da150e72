#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.preprocessing: what makes more features of each
std::span<const Entry> expansion_entries();

}  // namespace sklearn
