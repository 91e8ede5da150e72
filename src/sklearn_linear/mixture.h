#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.mixture
std::span<const Entry> mixture_entries();

}  // namespace sklearn
