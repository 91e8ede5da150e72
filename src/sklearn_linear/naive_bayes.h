#pragma once

#include <span>

#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.naive_bayes
std::span<const Entry> naive_bayes_entries();

}  // namespace sklearn
