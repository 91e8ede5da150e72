#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.multiclass: many classes from estimators that tell two apart.
std::span<const Entry> multiclass_entries();

}  // namespace sklearn
