#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy_kubernetes/render.h"

// What the files that render groups of objects share. Private to this room.
namespace deploy_kubernetes {

using Json = nlohmann::ordered_json;

// The objects made so far, and how each gets its labels and owner.
struct Rendering {
  const deploy::EndpointSpec& spec;
  const RenderContext& context;
  std::vector<Object> objects;

  // Adds an object; `body` is everything beside apiVersion, kind and metadata. Refuses a kind that
  // the cluster does not offer.
  base::Result<void> add(std::string_view api_version, std::string_view kind, std::string_view name,
                         const deploy::DeploymentSpec* deployment, Json body);
  // Annotations of the object that was added last.
  void annotate(std::string_view key, std::string_view value);

  // "faq-blue"
  std::string name_of(const deploy::DeploymentSpec& deployment) const;
  // By which pods are found; never changes for a deployment.
  Json selector(const deploy::DeploymentSpec* deployment) const;
  Json labels(const deploy::DeploymentSpec* deployment) const;
};

// "faq:3" -> "3", "faq@champion" -> "champion"; empty where nothing of it can be a label.
std::string version_label(std::string_view reference);

// The dialect of the monitor that the cluster offers; empty where it has none, so that pods are
// annotated.
std::string_view monitor_group(const ClusterApis& apis);

enum class Exposure : unsigned char { None, Gateway, Ingress };
base::Result<Exposure> choose_exposure(const deploy::EndpointSpec& spec,
                                       const RenderContext& context);

base::Result<void> add_owner(Rendering& rendering);
base::Result<void> add_identity(Rendering& rendering);   // ServiceAccount, Secret
base::Result<void> add_workloads(Rendering& rendering);  // Deployments and what scales them
base::Result<void> add_services(Rendering& rendering);
base::Result<void> add_network_policy(Rendering& rendering);
base::Result<void> add_exposure(Rendering& rendering);
base::Result<void> add_monitor(Rendering& rendering);

}  // namespace deploy_kubernetes
