#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// LabelPropagation and LabelSpreading, of both kernels. A kernel that is a function is refused.
std::span<const Entry> semi_supervised_entries();

}  // namespace sklearn
