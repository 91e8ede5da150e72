#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.decomposition: what projects rows by one matrix.
std::span<const Entry> decomposition_entries();

}  // namespace sklearn
