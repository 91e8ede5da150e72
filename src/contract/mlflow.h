#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "contract/codec.h"

namespace contract::mlflow {

// POST /invocations, as MLflow's scoring server and the containers of SageMaker are called.
//
// One of      {"dataframe_split": {"columns": [...], "data": [...]}}
//             {"dataframe_records": [{"age": 41, "city": "Rome"}, ...]}
//             {"instances": [...]}, {"inputs": {"age": [41], "city": ["Rome"]}}
// with        "params": {"method": "predict_proba"} or {"top_k": 3}, or null; columns that
//             the model has not are left out, as MLflow does
// or CSV (with or without a line of names) or JSON lines, by their media types
// Answers     {"predictions": [...]}, one element a row; CSV without names or JSON lines where
//             they are asked for
// Errors      {"error_code": "BAD_REQUEST", "message": "..."}
std::unique_ptr<Codec> make_codec();

void encode_error(int status, std::string_view message, std::string& out);

}  // namespace contract::mlflow
