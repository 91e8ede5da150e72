#pragma once

#include <nlohmann/json.hpp>

namespace deploy {

// The JSON schema (2020-12) of `endpoint.yaml`, for editors, made of the table in endpoint_keys.cc.
// It cannot say everything that parse_endpoint checks: that traffic sums to 100, that limits are
// not below what is asked for.
nlohmann::ordered_json to_json_schema();

}  // namespace deploy
