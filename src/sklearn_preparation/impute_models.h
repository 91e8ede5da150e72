#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.impute: what fills in from other rows or other features
std::span<const Entry> impute_model_entries();

}  // namespace sklearn
