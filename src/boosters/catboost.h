#pragma once

#include <span>
#include <string_view>

#include "boosters/model_file.h"
#include "fitted/registry.h"

namespace boosters {

// catboost.core.CatBoostClassifier, CatBoostRegressor, CatBoostRanker and CatBoost
std::span<const fitted::Entry> catboost_entries();

// A cbm file. It says itself whether its answers are classes, and then predicts as
// CatBoostClassifier does, else as CatBoostRegressor.
base::Result<ModelFile> read_cbm_file(std::string_view bytes);

}  // namespace boosters
