#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace deploy_kubernetes {

// One object as it is sent to an API server.
struct Object {
  std::string api_version;  // "apps/v1"
  std::string kind;
  std::string name;
  nlohmann::ordered_json json;  // All of it, with apiVersion, kind and metadata.

  bool operator==(const Object&) const = default;
};

}  // namespace deploy_kubernetes
