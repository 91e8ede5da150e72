#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.dummy. Refuses strategies that draw their answers.
std::span<const Entry> dummy_entries();

}  // namespace sklearn
