#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.calibration
std::span<const Entry> calibration_entries();

}  // namespace sklearn
