#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// FunctionTransformer of sklearn.preprocessing, of functions that are known by name.
std::span<const Entry> function_transformer_entries();

}  // namespace sklearn
