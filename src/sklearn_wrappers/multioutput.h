#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.multioutput: an estimator for each output, or each behind the one before.
std::span<const Entry> multioutput_entries();

}  // namespace sklearn
