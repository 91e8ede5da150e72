#pragma once

#include <span>

#include "companions/words.h"

namespace companions {

// sklearn2pmml.decoration: domains, which check what comes in and treat what is missing, invalid
// or far out.
std::span<const Entry> domains_entries();

}  // namespace companions
