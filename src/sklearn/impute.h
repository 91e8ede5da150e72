#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.impute, and preprocessing.Imputer that came before it.
base::Result<std::unique_ptr<Estimator>> read_simple_imputer(const Object& object, Reader& reader);

}  // namespace sklearn
