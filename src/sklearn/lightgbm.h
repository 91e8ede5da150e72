#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// lightgbm.sklearn.LGBMClassifier and LGBMRegressor, lightgbm.basic.Booster
base::Result<std::unique_ptr<Estimator>> read_lgbm_booster(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_lgbm_classifier(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_lgbm_regressor(const Object&, Reader&);

}  // namespace sklearn
