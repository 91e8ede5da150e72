#include "deploy_kubernetes/render.h"

#include <algorithm>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/digest.h"
#include "base/text.h"
#include "deploy_kubernetes/parts.h"
#include "deploy_kubernetes/yaml.h"

namespace deploy_kubernetes {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy::DeploymentSpec;
using deploy::EndpointSpec;

// preStop.sleep, matchLabelKeys and unhealthyPodEvictionPolicy are there since.
constexpr std::int64_t kMinorMin = 30;
constexpr std::size_t kLabelMax = 63;
constexpr std::string_view kMonitorKey = "key";  // Of the monitor's Secret.

Error wrong(std::string problem) { return {Code::Invalid, std::move(problem)}; }

std::string base64url(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8U) | byte;
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[(bits >> (count - 6)) & 63U];
  }
  if (count > 0) text += kAlphabet[(bits << (6 - count)) & 63U];
  return text;
}

bool is_base64(std::string_view text) {
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return text.size() % 4 == 0 &&
         std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding), part);
}

// RFC 1123 subdomains, as host names (where "*." may lead) and names of objects are.
bool is_subdomain(std::string_view text, std::size_t bytes_max) {
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  const auto edge = [](char c) { return c != '.' && c != '-'; };
  return !text.empty() && text.size() <= bytes_max && edge(text.front()) && edge(text.back()) &&
         text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), part);
}

Result<void> check_name(std::string_view what, std::string_view name, std::size_t bytes_max = 253) {
  if (is_subdomain(name, bytes_max)) return {};
  return wrong(fmt::format("{}: expected a-z, 0-9, '-' and '.', at most {} bytes, got {}", what,
                           bytes_max, base::quote(name)));
}

Result<void> check_image(const DeploymentSpec& deployment, const RenderContext& context) {
  const auto image = context.images.find(deployment.name);
  const std::string what = fmt::format("image of deployment {}", base::quote(deployment.name));
  if (image == context.images.end()) {
    return wrong(fmt::format("{}: expected a reference with a digest, got none", what));
  }
  const std::string& text = image->second;
  const std::size_t at = text.find('@');
  const auto bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (at == std::string::npos || at == 0 || !base::Digest::parse(text.substr(at + 1)).ok() ||
      std::any_of(text.begin(), text.end(), bad) || base::find_invalid_utf8(text)) {
    return wrong(
        fmt::format("{}: expected a reference with a digest, such as "
                    "\"registry.example/faq@sha256:...\", got {}",
                    what, base::quote(text)));
  }
  return {};
}

Result<void> check_names(const RenderContext& context) {
  TRY(check_name("namespace", context.in_namespace, kLabelMax));
  for (const std::string& name : context.image_pull_secrets) TRY(check_name("pull secret", name));
  for (const std::string& name : context.client_namespaces) {
    TRY(check_name("client namespace", name, kLabelMax));
  }
  for (const std::string& host : context.hosts) {
    const std::string_view rest = std::string_view(host).substr(host.starts_with("*.") ? 2 : 0);
    TRY(check_name("host", rest));
  }
  for (const std::string* name :
       {&context.tls_secret, &context.gateway_class, &context.ingress_class}) {
    if (!name->empty()) TRY(check_name("name", *name));
  }
  if (context.gateway) {
    TRY(check_name("gateway namespace", context.gateway->in_namespace, kLabelMax));
    TRY(check_name("gateway", context.gateway->name));
    TRY(check_name("gateway listener", context.gateway->http_section));
    TRY(check_name("gateway listener", context.gateway->https_section));
  }
  return {};
}

Result<void> check(const EndpointSpec& spec, const RenderContext& context) {
  const ClusterApis& apis = context.apis;
  if (apis.major() == 1 && apis.minor() < kMinorMin && apis.minor() != 0) {
    return Error(Code::Unsupported, fmt::format("the cluster: expected Kubernetes 1.{} or later, "
                                                "got 1.{}",
                                                kMinorMin, apis.minor()));
  }
  TRY(check_names(context));
  for (const auto& [file, value] : context.keys_base64) {
    TRY(check_name("file of keys", file));
    // The value is not shown.
    if (!is_base64(value)) return wrong(fmt::format("file of keys {}: expected base64", file));
  }
  for (const std::string& argument : context.arguments) {
    if (base::find_invalid_utf8(argument)) return wrong("argument: expected UTF-8");
  }
  for (const DeploymentSpec& deployment : spec.deployments) TRY(check_image(deployment, context));
  return {};
}

}  // namespace

std::string owner_name(std::string_view endpoint) { return fmt::format("sooth-{}", endpoint); }

std::string deployment_name(std::string_view endpoint, std::string_view deployment) {
  return fmt::format("{}-{}", endpoint, deployment);
}

std::string applyset_id(std::string_view endpoint, std::string_view in_namespace) {
  // <name>.<namespace>.<kind>.<group>; the group of a ConfigMap is empty.
  const auto digest =
      base::Digest::of(fmt::format("{}.{}.ConfigMap.", owner_name(endpoint), in_namespace));
  return fmt::format("applyset-{}-v1", base64url(digest.bytes()));
}

std::string version_label(std::string_view reference) {
  const std::size_t at = reference.find_last_of(":@");
  if (at == std::string_view::npos) return "";
  std::string_view version = reference.substr(at + 1);
  // Of a digest so much that a person can tell it from another.
  if (reference.substr(0, at).ends_with("@sha256")) version = version.substr(0, 12);
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  const auto edge = [](char c) { return c != '.' && c != '_' && c != '-'; };
  const bool good = !version.empty() && version.size() <= kLabelMax && edge(version.front()) &&
                    edge(version.back()) && std::all_of(version.begin(), version.end(), part);
  return good ? std::string(version) : "";
}

std::string_view monitor_group(const ClusterApis& apis) {
  for (const std::string_view group : {kPrometheusGroup, kAzurePrometheusGroup}) {
    if (apis.has(group, "v1", "PodMonitor")) return group;
  }
  return {};
}

std::string Rendering::name_of(const DeploymentSpec& deployment) const {
  return deployment_name(spec.name, deployment.name);
}

Json Rendering::selector(const DeploymentSpec* deployment) const {
  Json labels = {{kEndpointLabel, spec.name}};
  if (deployment != nullptr) labels[std::string(kDeploymentLabel)] = deployment->name;
  return labels;
}

Json Rendering::labels(const DeploymentSpec* deployment) const {
  Json labels = {{"app.kubernetes.io/name", "sooth"},
                 {"app.kubernetes.io/instance", spec.name},
                 {"app.kubernetes.io/part-of", spec.name},
                 {"app.kubernetes.io/managed-by", "sooth"}};
  if (deployment != nullptr) {
    labels["app.kubernetes.io/component"] = deployment->name;
    const std::string version = version_label(deployment->version);
    if (!version.empty()) labels["app.kubernetes.io/version"] = version;
  }
  labels.update(selector(deployment));
  for (const auto& [key, value] : spec.labels) labels[key] = value;
  return labels;
}

Result<void> Rendering::add(std::string_view api_version, std::string_view kind,
                            std::string_view name, const DeploymentSpec* deployment, Json body) {
  const auto [group, version] = split_api_version(api_version);
  if (!context.apis.has(group, version, kind)) {
    return Error(Code::Unsupported, fmt::format("the cluster offers no {} of {}, which endpoint {} "
                                                "needs",
                                                kind, api_version, base::quote(spec.name)));
  }
  const bool owner = kind == "ConfigMap";
  const std::string set = applyset_id(spec.name, context.in_namespace);
  Json labels_of = labels(deployment);
  labels_of[owner ? "applyset.kubernetes.io/id" : "applyset.kubernetes.io/part-of"] = set;
  Json metadata = {{"name", name}, {"namespace", context.in_namespace}, {"labels", labels_of}};
  if (!owner && !context.owner_uid.empty()) {
    metadata["ownerReferences"] = Json::array({{{"apiVersion", "v1"},
                                                {"kind", "ConfigMap"},
                                                {"name", owner_name(spec.name)},
                                                {"uid", context.owner_uid}}});
  }
  Json json = {{"apiVersion", api_version}, {"kind", kind}, {"metadata", std::move(metadata)}};
  json.update(body);
  objects.push_back(
      {std::string(api_version), std::string(kind), std::string(name), std::move(json)});
  return {};
}

void Rendering::annotate(std::string_view key, std::string_view value) {
  objects.back().json["metadata"]["annotations"][std::string(key)] = value;
}

Result<void> add_owner(Rendering& rendering) {
  const EndpointSpec& spec = rendering.spec;
  Json images;
  for (const DeploymentSpec& deployment : spec.deployments) {
    images[deployment.name] = rendering.context.images.at(deployment.name);
  }
  Json data = {{"endpoint.yaml", to_yaml(deploy::to_json(spec))}, {"images.yaml", to_yaml(images)}};
  TRY(rendering.add("v1", "ConfigMap", owner_name(spec.name), nullptr, {{"data", data}}));
  rendering.annotate("applyset.kubernetes.io/tooling", rendering.context.tool);
  return {};
}

Result<void> add_identity(Rendering& rendering) {
  const EndpointSpec& spec = rendering.spec;
  TRY(rendering.add("v1", "ServiceAccount", spec.name, nullptr,
                    {{"automountServiceAccountToken", false}}));
  if (rendering.context.keys_base64.empty()) return {};
  return rendering.add("v1", "Secret", spec.name + "-keys", nullptr,
                       {{"type", "Opaque"}, {"data", rendering.context.keys_base64}});
}

Result<void> add_monitor(Rendering& rendering) {
  const std::string_view group = monitor_group(rendering.context.apis);
  if (group.empty()) return {};
  Json source = {{"port", "http"}, {"path", "/metrics"}, {"interval", "30s"}};
  if (const std::string& secret = rendering.context.monitor_secret; !secret.empty()) {
    source["authorization"] = {{"type", "Bearer"},
                               {"credentials", {{"name", secret}, {"key", kMonitorKey}}}};
  }
  Json spec = {{"selector", {{"matchLabels", rendering.selector(nullptr)}}},
               {"podTargetLabels", {kEndpointLabel, kDeploymentLabel}},
               {"podMetricsEndpoints", Json::array({std::move(source)})}};
  return rendering.add(fmt::format("{}/v1", group), "PodMonitor", rendering.spec.name, nullptr,
                       {{"spec", std::move(spec)}});
}

Result<std::vector<Object>> render(const EndpointSpec& spec, const RenderContext& context) {
  TRY(check(spec, context));
  Rendering rendering{.spec = spec, .context = context, .objects = {}};
  TRY(add_owner(rendering));
  TRY(add_identity(rendering));
  TRY(add_network_policy(rendering));
  TRY(add_workloads(rendering));
  TRY(add_services(rendering));
  TRY(add_exposure(rendering));
  TRY(add_monitor(rendering));
  // The parent says which kinds its members are of: "Kind.group", sorted.
  std::set<std::string> kinds;
  for (const Object& object : rendering.objects) {
    if (object.kind == "ConfigMap") continue;
    const auto group = split_api_version(object.api_version).first;
    kinds.insert(group.empty() ? object.kind : fmt::format("{}.{}", object.kind, group));
  }
  Json& owner = rendering.objects.front().json;
  owner["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"] =
      fmt::format("{}", fmt::join(kinds, ","));
  return std::move(rendering.objects);
}

namespace {

void add_network_advice(const RenderContext& context, std::vector<std::string>& sentences) {
  if (context.hosts.empty()) {
    sentences.emplace_back("no host name is given: it is reached within the cluster only");
  } else if (context.client_namespaces.empty()) {
    const std::string admitted =
        context.gateway ? " and namespace " + base::quote(context.gateway->in_namespace) : "";
    sentences.push_back(
        fmt::format("the NetworkPolicy admits pods of its own namespace{} alone: where the proxy "
                    "that serves the host runs elsewhere, name its namespace with "
                    "--client-namespace",
                    admitted));
  }
}

void add_monitor_advice(const EndpointSpec& spec, const RenderContext& context,
                        std::vector<std::string>& sentences) {
  const bool operated = !monitor_group(context.apis).empty();
  if (context.keys_base64.empty()) {
    sentences.emplace_back("no keys are given: create one with sooth keys create");
  } else if (context.monitor_secret.empty() || !operated) {
    sentences.push_back(fmt::format(
        "metrics are read with a key: sooth keys create {} --client monitor --scope metrics makes "
        "one{}",
        spec.name,
        operated ? fmt::format(", and --monitor-secret names the Secret that holds it as \"{}\"",
                               kMonitorKey)
                 : ""));
  }
  if (!operated) {
    sentences.emplace_back("the cluster has no PodMonitor: pods carry prometheus.io annotations");
  }
}

}  // namespace

std::vector<std::string> advice(const EndpointSpec& spec, const RenderContext& context) {
  std::vector<std::string> sentences;
  for (const DeploymentSpec& deployment : spec.deployments) {
    const std::string name = base::quote(deployment.name);
    if (deployment.gpu > 0 && deployment.update == deploy::Update::Surge) {
      sentences.push_back(
          fmt::format("deployment {}: an update needs {} spare GPU{}; without, say "
                      "\"update: replace\"",
                      name, deployment.gpu, deployment.gpu == 1 ? "" : "s"));
    }
    if (deployment.replicas == 1) {
      sentences.push_back(
          fmt::format("deployment {}: with one copy the endpoint is away when its "
                      "node is",
                      name));
    }
  }
  add_network_advice(context, sentences);
  add_monitor_advice(spec, context, sentences);
  return sentences;
}

}  // namespace deploy_kubernetes
