#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.pipeline: one estimator after another, and side by side.
base::Result<std::unique_ptr<Estimator>> read_pipeline(const Object& object, Reader& reader);
base::Result<std::unique_ptr<Estimator>> read_feature_union(const Object& object, Reader& reader);

// Each feature times transformer_weights[name]; the port itself where there is no weight.
base::Result<plan::Port> weighted(plan::Builder& builder, const plan::Port& from, double weight);

}  // namespace sklearn
