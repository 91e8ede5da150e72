#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.cluster
std::span<const Entry> cluster_entries();

}  // namespace sklearn
