#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.preprocessing: SplineTransformer
std::span<const Entry> spline_transformer_entries();

}  // namespace sklearn
