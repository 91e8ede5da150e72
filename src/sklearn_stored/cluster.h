#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.cluster
std::span<const Entry> cluster_entries();

}  // namespace sklearn
