// Discovery of a Kubernetes API server. Aggregated (apidiscovery.k8s.io/v2 and v2beta1):
//   {kind: APIGroupDiscoveryList, items: [{metadata: {name: GROUP}, versions: [{version,
//     resources: [{resource: PLURAL, responseKind: {group, version, kind}, scope}]}]}]}
// and plain:
//   {kind: APIVersions, versions: [v1]}
//   {kind: APIGroupList, groups: [{name, versions: [{groupVersion, version}]}]}
//   {kind: APIResourceList, groupVersion, resources: [{name: PLURAL, kind, namespaced}]}
#include "deploy_kubernetes/cluster_apis.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"
#include "deploy_kubernetes/json_text.h"

namespace deploy_kubernetes {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::json;

constexpr std::size_t kKindsMax = 20'000;
constexpr std::size_t kPathNameMax = 253;

struct Known {
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::string_view plural;
};

// Alike in every release since 1.30.
constexpr std::array<Known, 13> kCore = {{
    {"", "v1", "ConfigMap", "configmaps"},
    {"", "v1", "Event", "events"},
    {"", "v1", "Pod", "pods"},
    {"", "v1", "Secret", "secrets"},
    {"", "v1", "Service", "services"},
    {"", "v1", "ServiceAccount", "serviceaccounts"},
    {"apps", "v1", "Deployment", "deployments"},
    {"apps", "v1", "ReplicaSet", "replicasets"},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"},
    {"networking.k8s.io", "v1", "Ingress", "ingresses"},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"},
    {"events.k8s.io", "v1", "Event", "events"},
}};
constexpr std::array<std::string_view, 2> kReleases = {"1.34", "1.36"};

Error bad_discovery(std::string_view problem) {
  return {Code::Invalid, fmt::format("discovery: {}", problem)};
}

// Names go into paths: letters, digits, '.' and '-' only.
bool is_name(std::string_view text) {
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  };
  return !text.empty() && text.size() <= kPathNameMax && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), part);
}

Result<std::string> name_of(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) {
    return bad_discovery(fmt::format("expected a text as {}", base::quote(key)));
  }
  const auto& text = at->get_ref<const std::string&>();
  if (!is_name(text)) {
    return bad_discovery(
        fmt::format("{}: expected a name, got {}", base::quote(key), base::quote(text)));
  }
  return text;
}

// The array under `key`; one that is absent or null is empty, as Go writes it.
Result<const json*> array_of(const json& object, const char* key) {
  static const json kEmpty = json::array();
  if (!object.is_object()) return bad_discovery("expected an object");
  const auto at = object.find(key);
  if (at == object.end() || at->is_null()) return &kEmpty;
  if (!at->is_array()) return bad_discovery(fmt::format("expected a list as {}", base::quote(key)));
  return &*at;
}

Result<json> parse_document(std::string_view text) {
  TRY_ASSIGN(json document, parse_json("discovery", text));
  if (!document.is_object()) return bad_discovery("expected a JSON object");
  return document;
}

std::string join(std::string_view group, std::string_view version) {
  return group.empty() ? std::string(version) : fmt::format("{}/{}", group, version);
}

using Rows = std::vector<std::pair<std::array<std::string, 3>, ClusterApis::Resource>>;

// Puts the rows of one version of aggregated discovery into `rows`.
Result<void> read_aggregated(const std::string& group, const json& version, Rows& rows) {
  TRY_ASSIGN(const std::string name, name_of(version, "version"));
  TRY_ASSIGN(const json* resources, array_of(version, "resources"));
  for (const json& each : *resources) {
    if (!each.is_object()) return bad_discovery("expected an object");
    TRY_ASSIGN(std::string plural, name_of(each, "resource"));
    const auto response = each.find("responseKind");
    // A resource that only has subresources has no kind of its own.
    if (response == each.end() || !response->is_object()) continue;
    TRY_ASSIGN(std::string kind, name_of(*response, "kind"));
    const bool namespaced = each.value("scope", json("")) == "Namespaced";
    rows.push_back({{group, name, std::move(kind)}, {std::move(plural), namespaced}});
    if (rows.size() > kKindsMax)
      return bad_discovery(fmt::format("expected at most {} kinds", kKindsMax));
  }
  // An empty version still exists.
  if (resources->empty()) rows.push_back({{group, name, ""}, {}});
  return {};
}

Result<Rows> read_aggregated(const json& document) {
  Rows rows;
  TRY_ASSIGN(const json* items, array_of(document, "items"));
  for (const json& item : *items) {
    if (!item.is_object()) return bad_discovery("expected an object");
    std::string group;
    const auto metadata = item.find("metadata");
    // NOLINTNEXTLINE(readability-container-size-empty): any JSON, not only a text.
    const auto is_empty = [](const json& value) { return value == ""; };
    if (metadata != item.end() && metadata->is_object() && metadata->contains("name") &&
        !is_empty(metadata->at("name"))) {
      TRY_ASSIGN(group, name_of(*metadata, "name"));
    }
    TRY_ASSIGN(const json* versions, array_of(item, "versions"));
    for (const json& version : *versions) TRY(read_aggregated(group, version, rows));
  }
  return rows;
}

Result<Rows> read_resources(const json& document) {
  Rows rows;
  const auto at = document.find("groupVersion");
  if (at == document.end() || !at->is_string()) {
    return bad_discovery("expected a text as \"groupVersion\"");
  }
  const auto [group, version] = split_api_version(at->get_ref<const std::string&>());
  if ((!group.empty() && !is_name(group)) || !is_name(version)) {
    return bad_discovery(fmt::format("\"groupVersion\": expected a group and a version, got {}",
                                     base::quote(at->get_ref<const std::string&>())));
  }
  TRY_ASSIGN(const json* resources, array_of(document, "resources"));
  for (const json& each : *resources) {
    if (!each.is_object()) return bad_discovery("expected an object");
    const auto plural = each.find("name");
    // "deployments/status" is part of another.
    if (plural != each.end() && plural->is_string() &&
        plural->get_ref<const std::string&>().find('/') != std::string::npos) {
      continue;
    }
    TRY_ASSIGN(std::string name, name_of(each, "name"));
    TRY_ASSIGN(std::string kind, name_of(each, "kind"));
    const bool namespaced = each.value("namespaced", json(false)) == true;
    rows.push_back({{std::string(group), std::string(version), std::move(kind)},
                    {std::move(name), namespaced}});
    if (rows.size() > kKindsMax)
      return bad_discovery(fmt::format("expected at most {} kinds", kKindsMax));
  }
  if (rows.empty()) rows.push_back({{std::string(group), std::string(version), ""}, {}});
  return rows;
}

Result<std::vector<std::string>> read_group_versions(const json& document) {
  std::vector<std::string> names;
  TRY_ASSIGN(const json* groups, array_of(document, "groups"));
  for (const json& group : *groups) {
    TRY_ASSIGN(const json* versions, array_of(group, "versions"));
    TRY_ASSIGN(const std::string name, name_of(group, "name"));
    for (const json& each : *versions) {
      if (!each.is_object()) return bad_discovery("expected an object");
      TRY_ASSIGN(const std::string version, name_of(each, "version"));
      names.push_back(join(name, version));
    }
  }
  TRY_ASSIGN(const json* versions, array_of(document, "versions"));
  for (const json& version : *versions) {
    if (!version.is_string() || !is_name(version.get_ref<const std::string&>())) {
      return bad_discovery("expected names as \"versions\"");
    }
    names.push_back(version.get<std::string>());
  }
  if (names.size() > kKindsMax)
    return bad_discovery(fmt::format("expected at most {} versions", kKindsMax));
  return names;
}

// "34+" -> 34, as some providers write it.
std::optional<std::int64_t> leading_number(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return std::nullopt;
  std::string_view text = at->get_ref<const std::string&>();
  text = text.substr(0, text.find_first_not_of("0123456789"));
  const auto number = base::parse_int(text);
  return number && *number <= 1'000'000 ? number : std::nullopt;
}

}  // namespace

std::pair<std::string_view, std::string_view> split_api_version(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {{}, api_version};
  return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

Result<ClusterApis> ClusterApis::offline(std::string_view release) {
  if (std::find(kReleases.begin(), kReleases.end(), release) == kReleases.end()) {
    return Error(Code::Invalid, fmt::format("Kubernetes release: expected \"{}\" or \"{}\", got {}",
                                            kReleases[0], kReleases[1], base::quote(release)));
  }
  ClusterApis apis;
  for (const Known& each : kCore) {
    apis.add_kind(each.group, each.version, each.kind, {std::string(each.plural), true});
  }
  apis.major_ = 1;
  apis.minor_ = release == "1.34" ? 34 : 36;
  return apis;
}

void ClusterApis::add_kind(std::string_view group, std::string_view version, std::string_view kind,
                           Resource resource) {
  group_versions_[join(group, version)] = true;
  // Subresources such as Scale answer with kinds that have a resource elsewhere: the first stays.
  kinds_.emplace(Kind(group, version, kind), std::move(resource));
}

void ClusterApis::add_gateway_api() {
  add_kind(kGatewayGroup, "v1", "Gateway", {"gateways", true});
  add_kind(kGatewayGroup, "v1", "HTTPRoute", {"httproutes", true});
}

void ClusterApis::add_monitoring(std::string_view group) {
  add_kind(group, "v1", "PodMonitor", {"podmonitors", true});
}

Result<void> ClusterApis::add(std::string_view text) {
  TRY_ASSIGN(const json document, parse_document(text));
  const auto kind = document.value("kind", json(""));
  if (kind == "APIVersions" || kind == "APIGroupList") {
    TRY_ASSIGN(const auto names, read_group_versions(document));
    for (const std::string& name : names) group_versions_.emplace(name, false);
    return {};
  }
  Rows rows;
  if (kind == "APIGroupDiscoveryList") {
    TRY_ASSIGN(rows, read_aggregated(document));
  } else if (kind == "APIResourceList") {
    TRY_ASSIGN(rows, read_resources(document));
  } else {
    return bad_discovery(fmt::format(
        "expected a discovery document, got kind {}",
        kind.is_string() ? base::quote(kind.get_ref<const std::string&>()) : "that is no text"));
  }
  if (kinds_.size() + rows.size() > kKindsMax) {
    return bad_discovery(fmt::format("expected at most {} kinds", kKindsMax));
  }
  for (auto& [names, resource] : rows) {
    if (names[2].empty()) {
      group_versions_[join(names[0], names[1])] = true;
    } else {
      add_kind(names[0], names[1], names[2], std::move(resource));
    }
  }
  return {};
}

Result<void> ClusterApis::add_version(std::string_view text) {
  TRY_ASSIGN(const json document, parse_document(text));
  const auto major = leading_number(document, "major");
  const auto minor = leading_number(document, "minor");
  if (!major || !minor) {
    return Error(Code::Invalid, "version: expected numbers as \"major\" and \"minor\"");
  }
  major_ = *major;
  minor_ = *minor;
  return {};
}

const ClusterApis::Resource* ClusterApis::find(std::string_view group, std::string_view version,
                                               std::string_view kind) const {
  const auto at = kinds_.find(Kind(group, version, kind));
  return at == kinds_.end() ? nullptr : &at->second;
}

std::string ClusterApis::path(std::string_view api_version, std::string_view kind,
                              std::string_view in_namespace) const {
  const auto [group, version] = split_api_version(api_version);
  const Resource* resource = find(group, version, kind);
  if (resource == nullptr) return "";
  std::string path = fmt::format("/{}/{}", group.empty() ? "api" : "apis", api_version);
  if (resource->namespaced) path += fmt::format("/namespaces/{}", in_namespace);
  return fmt::format("{}/{}", path, resource->plural);
}

std::vector<std::string> ClusterApis::unresolved() const {
  std::vector<std::string> names;
  for (const auto& [name, resolved] : group_versions_) {
    if (!resolved) names.push_back(name);
  }
  return names;
}

bool ClusterApis::operator==(const ClusterApis& other) const {
  return kinds_ == other.kinds_ && group_versions_ == other.group_versions_ &&
         major_ == other.major_ && minor_ == other.minor_;
}

}  // namespace deploy_kubernetes
