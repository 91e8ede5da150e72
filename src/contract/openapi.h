#pragma once

#include <string>
#include <string_view>

#include "contract/offer.h"

namespace contract {

// How an endpoint is called, as an OpenAPI 3.1 document: its paths in every protocol, the schemas
// of its requests and answers, and an example that it was asked and what it answered.
struct ApiOf {
  const Offer& offer;
  std::string_view endpoint;
  std::string_view version;
  std::string_view example_row;     // JSON; of contract/example.h.
  std::string_view example_answer;  // What /score answers to it, JSON; empty: nobody knows.
  bool asks_for_keys = false;
  bool loads_models = false;  // Whether models are loaded and unloaded on request.
};
std::string openapi(const ApiOf& api);

// /score alone, in the older form that clients of Azure ML read: Swagger 2.0.
std::string swagger(const ApiOf& api);

}  // namespace contract
