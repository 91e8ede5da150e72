#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "contract/codec.h"

namespace contract::azureml {

// POST /score, as the web services of Azure ML are called.
//
// A match:    {"input": "<question>", "top_k": 3}  ->  [[id, answer_id, score], ...]
// Columns:    {"data": [{"age": 41, "city": "Rome"}, ...], "method": "predict_proba"}
//             {"columns": ["age", "city"], "data": [[41, "Rome"], ...]}
//             {"input_data": {"columns": [...], "index": [...], "data": [...]}, "params": {...}},
//             as the deployments of MLflow models take it; "input_data" may be the rows themselves
//             ->  one element a row, as scikit-learn's answer.tolist() would be
// Tensors:    {"inputs": {"ids": [[1, 2]], "mask": [[1, 1]]}}, or, of one input, its value, which
//             may be called "input_data" or "data", too
//             ->  the only output's nested arrays, else an object of them by their names
// The first two: CSV and JSON lines, by their media types
// Errors:     {"message": "..."}
std::unique_ptr<Codec> make_codec();

void encode_error(std::string_view message, std::string& out);

}  // namespace contract::azureml
