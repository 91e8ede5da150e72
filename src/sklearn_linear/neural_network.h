#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.neural_network
std::span<const Entry> neural_network_entries();

}  // namespace sklearn
