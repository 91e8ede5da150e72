#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.ensemble
base::Result<std::unique_ptr<Estimator>> read_forest_classifier(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_forest_regressor(const Object&, Reader&);

}  // namespace sklearn
