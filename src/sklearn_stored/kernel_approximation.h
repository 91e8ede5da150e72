#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.kernel_approximation
std::span<const Entry> kernel_approximation_entries();

}  // namespace sklearn
