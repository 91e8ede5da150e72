#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.compose
base::Result<std::unique_ptr<Estimator>> read_column_transformer(const Object& object,
                                                                 Reader& reader);

}  // namespace sklearn
