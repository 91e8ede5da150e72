#include "rollout/cluster.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "deploy_kubernetes/render.h"

namespace rollout {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy_kubernetes::Explanation;
using deploy_kubernetes::Object;
using nlohmann::json;

// What the kubelet answers, with status 200, where it has no log to give.
bool says_no_log(std::string_view text) {
  return text.starts_with("failed to try resolving symlinks in path") ||
         text.starts_with("unable to retrieve container logs for");
}

constexpr std::string_view kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
constexpr std::string_view kPartOf = "applyset.kubernetes.io/part-of";

// Every kind that an endpoint can have beside its ConfigMap.
struct MemberKind {
  std::string_view api_version;
  std::string_view kind;
};
constexpr std::array kMemberKinds = {
    MemberKind{"gateway.networking.k8s.io/v1", "HTTPRoute"},
    MemberKind{"gateway.networking.k8s.io/v1", "Gateway"},
    MemberKind{"networking.k8s.io/v1", "Ingress"},
    MemberKind{"monitoring.coreos.com/v1", "PodMonitor"},
    MemberKind{"azmonitoring.coreos.com/v1", "PodMonitor"},
    MemberKind{"v1", "Service"},
    MemberKind{"autoscaling/v2", "HorizontalPodAutoscaler"},
    MemberKind{"policy/v1", "PodDisruptionBudget"},
    MemberKind{"apps/v1", "Deployment"},
    MemberKind{"networking.k8s.io/v1", "NetworkPolicy"},
    MemberKind{"v1", "Secret"},
    MemberKind{"v1", "ServiceAccount"},
};

Result<void> add_document(kube::Client& client, const std::string& path,
                          deploy_kubernetes::ClusterApis& apis) {
  TRY_ASSIGN(const auto answer, client.forward({.method = "GET",
                                                .path = path,
                                                .fields = {{"Accept", std::string(kAggregated)}},
                                                .body = {}}));
  if (answer.status != 200) return kube::refusal("GET " + path, answer.status, answer.body);
  auto added = apis.add(answer.body);
  if (!added.ok()) return std::move(added).error().within("GET " + path);
  return {};
}

std::string endpoint_selector(const std::string& endpoint) {
  return fmt::format("{}={}", deploy_kubernetes::kEndpointLabel, endpoint);
}

}  // namespace

Result<Cluster> Cluster::discover(kube::Client& client, std::string in_namespace) {
  Cluster cluster(client, std::move(in_namespace));
  TRY_ASSIGN(const std::string version, client.text("/version"));
  TRY(cluster.apis_.add_version(version));
  TRY(add_document(client, "/api", cluster.apis_));
  TRY(add_document(client, "/apis", cluster.apis_));
  // A server that does not aggregate says what there is group by group; one whose backend is away
  // offers nothing now.
  for (const std::string& each : cluster.apis_.unresolved()) {
    const std::string path = (each.find('/') == std::string::npos ? "/api/" : "/apis/") + each;
    auto added = add_document(client, path, cluster.apis_);
    if (!added.ok() && added.error().code() != Code::Unavailable &&
        added.error().code() != Code::NotFound) {
      return std::move(added).error();
    }
  }
  return cluster;
}

std::string Cluster::core_path(std::string_view plural) const {
  return fmt::format("/api/v1/namespaces/{}/{}", in_namespace_, plural);
}

std::string Cluster::path_of(const Object& object) const {
  return fmt::format("{}/{}", apis_.path(object.api_version, object.kind, in_namespace_),
                     object.name);
}

Result<std::optional<json>> Cluster::find_owner(const std::string& endpoint) const {
  const std::string name = deploy_kubernetes::owner_name(endpoint);
  TRY_ASSIGN(auto owner, client_.find(core_path("configmaps") + "/" + name));
  if (!owner) return owner;
  const std::string label(deploy_kubernetes::kEndpointLabel);
  if (text_at(*owner, {"metadata", "labels", label.c_str()}) != endpoint) {
    return Error(Code::Conflict, fmt::format("ConfigMap {}: one that is not of endpoint {} is "
                                             "there already: rename the endpoint, or remove that",
                                             name, base::quote(endpoint)));
  }
  return owner;
}

Result<std::vector<json>> Cluster::list_members(const std::string& endpoint) const {
  const std::string set = deploy_kubernetes::applyset_id(endpoint, in_namespace_);
  const std::string label(kPartOf);
  std::vector<json> members;
  for (const auto& [api_version, kind] : kMemberKinds) {
    const std::string path = apis_.path(api_version, kind, in_namespace_);
    if (path.empty()) continue;
    TRY_ASSIGN(auto listed, client_.list(path, endpoint_selector(endpoint)));
    for (json& each : listed) {
      // Somebody else may use our label; what we applied is marked.
      if (text_at(each, {"metadata", "labels", label.c_str()}) == set) {
        members.push_back(std::move(each));
      }
    }
  }
  return members;
}

Result<std::optional<json>> Cluster::find(const Object& object) const {
  return client_.find(path_of(object));
}

Result<json> Cluster::apply(const Object& object, const kube::ApplyOptions& options) const {
  auto applied = client_.apply(path_of(object), object.json.dump(), options);
  if (applied.ok()) return applied;
  return std::move(applied).error().within(fmt::format("{} {}", object.kind, object.name));
}

Result<void> Cluster::remove(const json& object) const {
  const Object named{text_at(object, {"apiVersion"}),
                     text_at(object, {"kind"}),
                     text_at(object, {"metadata", "name"}),
                     {}};
  return client_.remove(path_of(named), "Background");
}

Result<std::vector<json>> Cluster::pods(const std::string& endpoint,
                                        const std::string& deployment) const {
  std::string selector = endpoint_selector(endpoint);
  if (!deployment.empty()) {
    selector += fmt::format(",{}={}", deploy_kubernetes::kDeploymentLabel, deployment);
  }
  return client_.list(core_path("pods"), selector);
}

Result<std::vector<json>> Cluster::deployments(const std::string& endpoint) const {
  return client_.list(apis_.path("apps/v1", "Deployment", in_namespace_),
                      endpoint_selector(endpoint));
}

std::string Cluster::log_tail(const std::string& pod, bool previous) const {
  // The run that ended may have no log any more, or not yet; the other one ends as it did.
  for (const bool of_previous : {previous, !previous}) {
    auto text =
        client_.text(fmt::format("{}/{}/log?container=sooth&tailLines=50&limitBytes=16384{}",
                                 core_path("pods"), pod, of_previous ? "&previous=true" : ""));
    if (text.ok() && !says_no_log(*text)) return *std::move(text);
  }
  return "";
}

Result<std::optional<Explanation>> Cluster::explain(const json& deployment) const {
  const std::string endpoint_label(deploy_kubernetes::kEndpointLabel);
  const std::string deployment_label(deploy_kubernetes::kDeploymentLabel);
  const std::string endpoint = text_at(deployment, {"metadata", "labels", endpoint_label.c_str()});
  const std::string name = text_at(deployment, {"metadata", "labels", deployment_label.c_str()});
  TRY_ASSIGN(const auto all, pods(endpoint, name));
  TRY_ASSIGN(const auto sets,
             client_.list(fmt::format("/apis/apps/v1/namespaces/{}/replicasets", in_namespace_),
                          endpoint_selector(endpoint) + "," + deployment_label + "=" + name));
  TRY_ASSIGN(const auto events, client_.list(core_path("events"), ""));
  std::optional<Explanation> best;
  std::vector<json> newest = newest_pods(deployment, sets, all);
  if (newest.empty()) newest.emplace_back();
  for (const json& pod : newest) {
    std::string log;
    const bool ended = has_ended(pod);
    if (ended || restarts(pod) > 0) log = log_tail(text_at(pod, {"metadata", "name"}), !ended);
    auto why = deploy_kubernetes::explain(pod, events_about(pod, deployment, events), log);
    if (why && (!best || (why->final && !best->final))) best = std::move(why);
  }
  return best;
}

}  // namespace rollout
