#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.linear_model
base::Result<std::unique_ptr<Estimator>> read_logistic_regression(const Object& object,
                                                                  Reader& reader);

}  // namespace sklearn
