#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.ensemble: VotingClassifier and VotingRegressor.
std::span<const Entry> voting_entries();

}  // namespace sklearn
