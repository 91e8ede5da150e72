#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.covariance: EllipticEnvelope alone answers for rows; the others are in fit_only.h.
std::span<const Entry> covariance_entries();

}  // namespace sklearn
