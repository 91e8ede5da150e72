#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.discriminant_analysis
std::span<const Entry> discriminant_analysis_entries();

}  // namespace sklearn
