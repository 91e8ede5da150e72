#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "plan/columns.h"
#include "sklearn_values/words.h"

namespace sklearn {

// sklearn.preprocessing: what moves and scales features or rows
std::span<const Entry> scaler_entries();

// n_features_in_, or what early releases call it; nothing where an estimator does not say.
base::Result<std::optional<std::size_t>> read_width(const Object& object);

// What check_array lets through to an estimator that takes NaN (0.20 and newer).
plan::Allowed nan_allowed(const Object& object);

// The least length that sklearn.preprocessing.normalize of the release divides a dense row by.
double least_norm_of(const Object& object);

}  // namespace sklearn
