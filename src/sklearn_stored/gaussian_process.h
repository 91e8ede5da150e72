#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.gaussian_process: means and probabilities. Kernels that are not scikit-learn's, and
// processes that were fitted with something else than numbers, are refused.
std::span<const Entry> gaussian_process_entries();

}  // namespace sklearn
