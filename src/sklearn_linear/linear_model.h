#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// The classifiers of sklearn.linear_model, and LinearSVC, which is one of them elsewhere.
std::span<const Entry> linear_model_entries();

}  // namespace sklearn
