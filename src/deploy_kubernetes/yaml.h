#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "deploy_kubernetes/object.h"

namespace deploy_kubernetes {

// JSON as YAML that every reader takes the same way, YAML 1.1 or 1.2: whatever a reader could take
// for a number, a truth value, a date or a comment is quoted. Block style, keys in their order; the
// same value gives the same bytes.
std::string to_yaml(const nlohmann::ordered_json& value);

// One document for each object.
std::string to_yaml(std::span<const Object> objects);

}  // namespace deploy_kubernetes
