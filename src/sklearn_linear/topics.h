#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.decomposition: NMF, MiniBatchNMF and LatentDirichletAllocation, whose transform iterates.
std::span<const Entry> topics_entries();

}  // namespace sklearn
