#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy_kubernetes/object.h"

namespace deploy_kubernetes {

// One field of one object that applying would change.
struct Change {
  enum class Kind : unsigned char { Create, Update, Remove };

  Kind kind = Kind::Update;
  std::string object;  // "Deployment faq-blue"
  // "spec.template.spec.containers[sooth].image"; empty for a whole object.
  std::string path;
  std::optional<nlohmann::ordered_json> before;  // Nothing: the field is not there.
  std::optional<nlohmann::ordered_json> after;

  bool operator==(const Change&) const = default;
};

// What applying `desired` would change in a cluster that holds `live`, the endpoint's objects as
// the API server gave them. A field counts only where we set it, or set it when we last applied
// (the managedFields of kFieldOwner): defaults, status and what others own do not. Values of
// Secrets are never in a Change. Objects come in the order of `desired`, then what is removed.
// Refuses what is no object, and an object of another endpoint with the name of one of ours.
base::Result<std::vector<Change>> plan_change(std::span<const Object> desired,
                                              std::span<const nlohmann::json> live);

// For people, one line a field; "no change" where there is none.
//   ~ Deployment faq-blue
//       spec.replicas: 2 -> 3
std::string to_text(std::span<const Change> changes);
nlohmann::ordered_json to_json(std::span<const Change> changes);

}  // namespace deploy_kubernetes
