#pragma once

#include <span>
#include <string_view>

#include "fitted/registry.h"

namespace boosters {

// lightgbm.sklearn.LGBMClassifier, LGBMRegressor and LGBMRanker, lightgbm.basic.Booster
std::span<const fitted::Entry> lightgbm_entries();

// What Booster.save_model wrote: predicts as Booster.predict does.
base::Result<fitted::EstimatorPtr> read_lgbm_text(std::string_view text,
                                                  const fitted::ReadOptions& options);

}  // namespace boosters
