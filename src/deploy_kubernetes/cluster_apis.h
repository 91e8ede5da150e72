#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"

namespace deploy_kubernetes {

// What objects a cluster offers and where: the sum of the discovery documents that it was given.
// A value; knows only what it was told.
class ClusterApis {
 public:
  struct Resource {
    std::string plural;  // "deployments", as it stands in paths.
    bool namespaced = true;
  };

  // The kinds of Kubernetes itself that this program uses, as release "1.34" or "1.36" has them.
  static base::Result<ClusterApis> offline(std::string_view release);

  // Takes in one document, of any of the kinds APIGroupDiscoveryList (aggregated discovery, of
  // /api and /apis), APIVersions, APIGroupList and APIResourceList. Refuses what is none, what is
  // too large, and names that could not stand in a path.
  base::Result<void> add(std::string_view json);
  // The answer of /version.
  base::Result<void> add_version(std::string_view json);
  // Of objects that the cluster will have, such as CustomResourceDefinitions, for rendering
  // offline.
  void add_kind(std::string_view group, std::string_view version, std::string_view kind,
                Resource resource);
  void add_gateway_api();
  void add_monitoring(std::string_view group);

  bool has(std::string_view group, std::string_view version, std::string_view kind) const {
    return find(group, version, kind) != nullptr;
  }
  const Resource* find(std::string_view group, std::string_view version,
                       std::string_view kind) const;
  // "/apis/apps/v1/namespaces/prod/deployments"; empty where the kind is not offered.
  std::string path(std::string_view api_version, std::string_view kind,
                   std::string_view in_namespace) const;

  // "v1", "apps/v1", ...: those named by a plain list whose resources are not known yet, sorted.
  std::vector<std::string> unresolved() const;

  // Of the cluster; 0 where it is not known.
  std::int64_t major() const { return major_; }
  std::int64_t minor() const { return minor_; }

  bool operator==(const ClusterApis& other) const;

 private:
  using Kind = std::tuple<std::string, std::string, std::string>;  // group, version, kind
  std::map<Kind, Resource, std::less<>> kinds_;
  std::map<std::string, bool> group_versions_;  // And whether its resources are known.
  std::int64_t major_ = 0;
  std::int64_t minor_ = 0;
};

inline bool operator==(const ClusterApis::Resource& a, const ClusterApis::Resource& b) {
  return a.plural == b.plural && a.namespaced == b.namespaced;
}

// "apps/v1" -> {"apps", "v1"}; "v1" -> {"", "v1"}.
std::pair<std::string_view, std::string_view> split_api_version(std::string_view api_version);

constexpr std::string_view kGatewayGroup = "gateway.networking.k8s.io";
constexpr std::string_view kPrometheusGroup = "monitoring.coreos.com";
constexpr std::string_view kAzurePrometheusGroup = "azmonitoring.coreos.com";

}  // namespace deploy_kubernetes
