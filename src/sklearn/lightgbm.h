#pragma once

#include <memory>
#include <string_view>

#include "sklearn/estimators.h"
#include "sklearn/reader.h"

namespace sklearn {

// lightgbm.sklearn.LGBMClassifier and LGBMRegressor, lightgbm.basic.Booster
base::Result<std::unique_ptr<Estimator>> read_lgbm_booster(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_lgbm_classifier(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_lgbm_regressor(const Object&, Reader&);

// What Booster.save_model wrote: predicts as Booster.predict does.
base::Result<EstimatorPtr> read_lgbm_text(std::string_view text, const ReadOptions& options);

}  // namespace sklearn
