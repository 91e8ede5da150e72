#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "contract/offer.h"

namespace contract::openapi_schemas {

// What requests and answers look like, by JSON Schema as OpenAPI 3.1 has it, for
// contract/openapi.h.
using Json = nlohmann::ordered_json;

Json reference(std::string_view name);
Json array_of(Json items);
Json error_schema(std::string_view key);

// Of /score in JSON.
Json score_request_schema(const Offer& offer);
Json score_answer_schema(const Offer& offer);
// {"instances": ...}, {"dataframe_records": ...} or of a network {"inputs": ...}, and what both
// answer.
Json instances_schema(const Offer& offer);
Json invocations_schema(const Offer& offer);
Json predictions_schema(const Offer& offer);
// Of the Open Inference Protocol.
Json tensor_schema();
Json infer_answer_schema();

// The components "Row" and "WideRow", whose rows may have columns that the model has not; of a
// network "Inputs", "Row" and "Outputs". `example`: of contract/example.h, or empty.
Json components(const Offer& offer, std::string_view example);

}  // namespace contract::openapi_schemas
