#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.mixture, and EllipticEnvelope, which measures from one normal distribution alone
std::span<const Entry> mixture_entries();

}  // namespace sklearn
