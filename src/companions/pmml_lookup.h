#pragma once

#include <span>

#include "companions/words.h"

namespace companions {

// What sklearn2pmml.preprocessing makes of categories: lookups, and encoders of labels.
std::span<const Entry> pmml_lookup_entries();

}  // namespace companions
