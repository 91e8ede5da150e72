#pragma once

#include <span>

#include "sklearn/words.h"

namespace sklearn {

// sklearn.pipeline: one estimator after another, and side by side; and pipelines of other libraries
// that are the same.
std::span<const Entry> pipeline_entries();

// Each feature times transformer_weights[name]; the port itself where there is no weight.
base::Result<plan::Port> weighted(plan::Builder& builder, const plan::Port& from, double weight);

}  // namespace sklearn
