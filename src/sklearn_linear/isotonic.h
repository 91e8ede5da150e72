#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.isotonic
std::span<const Entry> isotonic_entries();

}  // namespace sklearn
