#pragma once

#include <span>
#include <string_view>

#include "boosters/model_file.h"
#include "fitted/registry.h"

namespace boosters {

// xgboost.sklearn.XGBClassifier, XGBRegressor, XGBRanker and the random forests of both;
// xgboost.core.Booster
std::span<const fitted::Entry> xgboost_entries();

// What Booster.save_model wrote, in any of its forms: predicts as Booster.predict does.
base::Result<ModelFile> read_xgb_file(std::string_view bytes);

}  // namespace boosters
