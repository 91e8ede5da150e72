#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.manifold: Isomap and LocallyLinearEmbedding, which place rows they were not fitted with.
std::span<const Entry> manifold_entries();

}  // namespace sklearn
