#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.preprocessing
base::Result<std::unique_ptr<Estimator>> read_function_transformer(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_one_hot_encoder(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_standard_scaler(const Object&, Reader&);

}  // namespace sklearn
