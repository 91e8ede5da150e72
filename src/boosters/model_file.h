#pragma once

#include <string>

#include "base/bytes.h"
#include "fitted/estimator.h"
#include "fitted/reader.h"

namespace boosters {

// A gradient boosting library's own model file, told by what it holds: LightGBM's text, XGBoost's
// JSON, UBJSON and binary forms, and CatBoost's cbm.
struct ModelFile {
  fitted::EstimatorPtr estimator;
  std::string written_by;  // "XGBoost 3.2", "LightGBM text version v4"
};

bool is_lightgbm_text(base::Bytes bytes);
// Whether the bytes begin as one of those files does. No pickle or array file does.
bool is_model_file(base::Bytes bytes);

// Precondition: is_model_file(bytes). Refuses options.classes, for it has none to say something of.
base::Result<ModelFile> read_model_file(base::Bytes bytes, const fitted::ReadOptions& options);

}  // namespace boosters
