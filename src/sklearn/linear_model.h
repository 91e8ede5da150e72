#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.linear_model
std::span<const Entry> linear_model_entries();

}  // namespace sklearn
