#pragma once

#include <span>

#include "companions/words.h"

namespace companions {

// category_encoders: encoders of categories by order, indicators, digits, contrasts, counts and
// targets, as they transform data that was not fitted.
std::span<const Entry> category_encoders_entries();

}  // namespace companions
