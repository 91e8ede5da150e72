#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy_kubernetes/cluster_apis.h"
#include "deploy_kubernetes/explain.h"
#include "deploy_kubernetes/object.h"
#include "kube/client.h"
#include "rollout/standing.h"

namespace rollout {

// The clock, and how to wait for it.
struct Time {
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::milliseconds)> sleep;
};

// One namespace of a cluster, as far as endpoints are concerned. The client outlives it.
class Cluster {
 public:
  using Json = nlohmann::json;

  // Asks which APIs there are.
  static base::Result<Cluster> discover(kube::Client& client, std::string in_namespace);

  kube::Client& client() const { return client_; }
  const deploy_kubernetes::ClusterApis& apis() const { return apis_; }
  const std::string& in_namespace() const { return in_namespace_; }

  // The endpoint's ConfigMap. Conflict where one of its name belongs to somebody else.
  base::Result<std::optional<Json>> find_owner(const std::string& endpoint) const;
  // Every other object of ours that the endpoint has, of every kind that could be.
  base::Result<std::vector<Json>> list_members(const std::string& endpoint) const;
  base::Result<std::optional<Json>> find(const deploy_kubernetes::Object& object) const;

  base::Result<Json> apply(const deploy_kubernetes::Object& object,
                           const kube::ApplyOptions& options) const;
  // Without waiting for what it owns.
  base::Result<void> remove(const Json& object) const;

  base::Result<std::vector<Json>> pods(const std::string& endpoint,
                                       const std::string& deployment = {}) const;
  base::Result<std::vector<Json>> deployments(const std::string& endpoint) const;
  // The end of a pod's log; empty where there is none.
  std::string log_tail(const std::string& pod, bool previous) const;
  // Why the newest copies of a Deployment do not get ready, if anything says so.
  base::Result<std::optional<deploy_kubernetes::Explanation>> explain(const Json& deployment) const;

  // "/api/v1/namespaces/prod/pods"
  std::string core_path(std::string_view plural) const;

 private:
  Cluster(kube::Client& client, std::string in_namespace)
      : client_(client), in_namespace_(std::move(in_namespace)) {}
  std::string path_of(const deploy_kubernetes::Object& object) const;

  kube::Client& client_;
  std::string in_namespace_;
  deploy_kubernetes::ClusterApis apis_;
};

}  // namespace rollout
