#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "contract/codec.h"
#include "contract/tfserving_verbs.h"

namespace contract::tfserving {

// POST /v1/models/{model}:predict, :classify and :regress of TensorFlow Serving's REST API; the
// first is KServe's V1 protocol too, and what Vertex AI sends to its predict route.
//
// predict     {"instances": [...]}  ->  {"predictions": [...]}, one element a row
//             {"inputs": {"age": [41, 42]}}  ->  {"outputs": [...]}, by columns
//             "signature_name" is a method, or "serving_default" for the usual one;
//             "parameters" of Vertex AI and V1: {"method": "predict_proba"} or {"top_k": 3}
// classify    {"examples": [{"age": 41}, ...]}  ->  {"results": [[["yes", 0.9], ["no", 0.1]], ...]}
// regress     {"examples": [...]}  ->  {"results": [1.5, ...]}
// Errors      {"error": "..."}
std::unique_ptr<Codec> make_codec(Verb verb);

// GET /v1/models/{model}: TensorFlow Serving's state of its version, and KServe V1's "name" and
// "ready" beside it.
void encode_status(std::string_view model, std::string_view version, bool ready, std::string& out);
// GET /v1/models/{model}/metadata
void encode_metadata(std::string_view model, std::string_view version, const Offer& offer,
                     std::string& out);

}  // namespace contract::tfserving
