#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy/endpoint_spec.h"
#include "deploy_kubernetes/object.h"
#include "deploy_kubernetes/plan_change.h"
#include "deploy_kubernetes/render.h"
#include "rollout/cluster.h"
#include "rollout/record.h"

namespace rollout {

// What deploying would do, and from what. Read anew for each attempt: it is of one moment.
struct Plan {
  std::string endpoint;
  std::vector<deploy_kubernetes::Object> desired;  // The owner first.
  std::vector<deploy_kubernetes::Change> changes;
  std::optional<nlohmann::json> owner;  // As it is there.
  std::vector<nlohmann::json> members;
  Record record;  // As it is there.
};

// Renders the endpoint for what the cluster offers and compares with what is there. Of `context`
// APIs, namespace and owner are filled in here.
base::Result<Plan> plan_deploy(const Cluster& cluster, const deploy::EndpointSpec& spec,
                               deploy_kubernetes::RenderContext context);
// Back to what was there before the last change. NotFound where nothing is known to have been good.
base::Result<Plan> plan_rollback(const Cluster& cluster, const std::string& endpoint);

struct Conduct {
  bool wait = false;
  bool roll_back = true;  // Where it fails.
  bool force = false;     // Take over fields that others own.
  std::chrono::seconds time_max{600};
  // Called with each new sentence about how it goes.
  std::function<void(const std::string&)> on_progress;
};

// Whether the API server would take it all: a dry run of its own. Changes nothing.
base::Result<void> check(const Cluster& cluster, const Plan& plan, const Conduct& conduct);

// Carries it out: the owner first, then the rest; with `wait` until every copy is ready, and where
// that fails, back to what was there before, or to nothing where nothing was. The error then says
// in one sentence why, what to do, and where it ended.
base::Result<void> carry_out(const Cluster& cluster, Plan plan, const Conduct& conduct,
                             const Time& time);

// Removes everything of the endpoint and waits until it is gone. NotFound where there is none.
base::Result<void> undeploy(const Cluster& cluster, const std::string& endpoint,
                            std::chrono::seconds time_max, const Time& time);

}  // namespace rollout
