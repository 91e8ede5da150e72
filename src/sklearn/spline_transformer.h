#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.preprocessing: SplineTransformer
std::span<const Entry> spline_transformer_entries();

}  // namespace sklearn
