#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy/change.h"
#include "deploy_kubernetes/object.h"

namespace deploy_kubernetes {

using deploy::Change;
using deploy::to_json;
using deploy::to_text;

// What applying `desired` would change in a cluster that holds `live`, the endpoint's objects as
// the API server gave them. A field counts only where we set it, or set it when we last applied
// (the managedFields of kFieldOwner): defaults, status and what others own do not. Values of
// Secrets are never in a Change. Objects come in the order of `desired`, then what is removed.
// Refuses what is no object, and an object of another endpoint with the name of one of ours.
base::Result<std::vector<Change>> plan_change(std::span<const Object> desired,
                                              std::span<const nlohmann::json> live);

}  // namespace deploy_kubernetes
