#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.kernel_approximation
std::span<const Entry> kernel_approximation_entries();

}  // namespace sklearn
