// Services, the NetworkPolicy, and what leads to the endpoint from outside: HTTPRoutes (with a
// Gateway where one is to be made) or an Ingress.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "deploy_kubernetes/parts.h"

namespace deploy_kubernetes {
namespace {

using base::Code;
using base::Error;
using base::Result;
using deploy::DeploymentSpec;
using deploy::EndpointSpec;

constexpr int kServicePort = 80;
constexpr int kDnsPort = 53;
constexpr int kHttpsPort = 443;
constexpr int kMovedPermanently = 301;

// An Ingress has no field for it; each controller reads its own annotation.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRedirects = {{
    {"appgw.ingress.kubernetes.io/ssl-redirect", "true"},              // Azure
    {"haproxy.org/ssl-redirect", "true"},                              // HAProxy
    {"ingress.kubernetes.io/force-ssl-redirect", "true"},              // Contour
    {"nginx.ingress.kubernetes.io/force-ssl-redirect", "true"},        // NGINX
    {"traefik.ingress.kubernetes.io/router.entrypoints", "websecure"}  // Traefik
}};

bool offers_gateway_api(const ClusterApis& apis) {
  return apis.has(kGatewayGroup, "v1", "HTTPRoute");
}

std::string gateway_api() { return fmt::format("{}/v1", kGatewayGroup); }

Json service_of(const Rendering& rendering, const DeploymentSpec& deployment) {
  return {{"spec",
           {{"type", "ClusterIP"},
            {"selector", rendering.selector(&deployment)},
            {"ports", Json::array({{{"name", "http"},
                                    {"port", kServicePort},
                                    {"targetPort", "http"},
                                    {"protocol", "TCP"},
                                    {"appProtocol", "http"}}})}}}};
}

GatewayRef gateway_of(const Rendering& rendering) {
  if (rendering.context.gateway) return *rendering.context.gateway;
  return {.in_namespace = rendering.context.in_namespace, .name = rendering.spec.name};
}

Json parent_of(const Rendering& rendering, bool https) {
  const GatewayRef gateway = gateway_of(rendering);
  return Json::array({{{"group", kGatewayGroup},
                       {"kind", "Gateway"},
                       {"namespace", gateway.in_namespace},
                       {"name", gateway.name},
                       {"sectionName", https ? gateway.https_section : gateway.http_section}}});
}

Result<void> add_gateway(Rendering& rendering) {
  const RenderContext& context = rendering.context;
  const Json same = {{"namespaces", {{"from", "Same"}}}};
  Json http = {
      {"name", "http"}, {"protocol", "HTTP"}, {"port", kServicePort}, {"allowedRoutes", same}};
  Json https = {
      {"name", "https"},
      {"protocol", "HTTPS"},
      {"port", kHttpsPort},
      {"tls",
       {{"mode", "Terminate"},
        {"certificateRefs",
         Json::array({{{"group", ""}, {"kind", "Secret"}, {"name", context.tls_secret}}})}}},
      {"allowedRoutes", same}};
  return rendering.add(gateway_api(), "Gateway", rendering.spec.name, nullptr,
                       {{"spec",
                         {{"gatewayClassName", context.gateway_class},
                          {"listeners", Json::array({std::move(http), std::move(https)})}}}});
}

Json backends_of(const Rendering& rendering) {
  Json backends = Json::array();
  for (const DeploymentSpec& deployment : rendering.spec.deployments) {
    const std::int64_t percent = rendering.spec.traffic.at(deployment.name);
    if (percent == 0) continue;
    backends.push_back({{"group", ""},
                        {"kind", "Service"},
                        {"name", rendering.name_of(deployment)},
                        {"port", kServicePort},
                        {"weight", percent}});
  }
  return backends;
}

Result<void> add_routes(Rendering& rendering) {
  const EndpointSpec& spec = rendering.spec;
  if (!rendering.context.gateway) TRY(add_gateway(rendering));
  const Json everything = Json::array({{{"path", {{"type", "PathPrefix"}, {"value", "/"}}}}});
  Json rule = {{"matches", everything},
               {"backendRefs", backends_of(rendering)},
               {"timeouts", {{"request", fmt::format("{}s", spec.request_time_max_s)}}}};
  TRY(rendering.add(gateway_api(), "HTTPRoute", spec.name, nullptr,
                    {{"spec",
                      {{"parentRefs", parent_of(rendering, true)},
                       {"hostnames", rendering.context.hosts},
                       {"rules", Json::array({std::move(rule)})}}}}));
  Json redirect = {
      {"matches", everything},
      {"filters", Json::array({{{"type", "RequestRedirect"},
                                {"requestRedirect",
                                 {{"scheme", "https"}, {"statusCode", kMovedPermanently}}}}})}};
  return rendering.add(gateway_api(), "HTTPRoute", spec.name + "-redirect", nullptr,
                       {{"spec",
                         {{"parentRefs", parent_of(rendering, false)},
                          {"hostnames", rendering.context.hosts},
                          {"rules", Json::array({std::move(redirect)})}}}});
}

Result<void> add_ingress(Rendering& rendering) {
  const RenderContext& context = rendering.context;
  Json backend = {{"service", {{"name", rendering.spec.name}, {"port", {{"name", "http"}}}}}};
  Json rules = Json::array();
  for (const std::string& host : context.hosts) {
    Json path = {{"path", "/"}, {"pathType", "Prefix"}, {"backend", backend}};
    rules.push_back({{"host", host}, {"http", {{"paths", Json::array({std::move(path)})}}}});
  }
  Json spec;
  if (!context.ingress_class.empty()) spec["ingressClassName"] = context.ingress_class;
  spec["tls"] = Json::array({{{"hosts", context.hosts}, {"secretName", context.tls_secret}}});
  spec["rules"] = std::move(rules);
  TRY(rendering.add("networking.k8s.io/v1", "Ingress", rendering.spec.name, nullptr,
                    {{"spec", std::move(spec)}}));
  for (const auto& [key, value] : kRedirects) rendering.annotate(key, value);
  rendering.annotate("nginx.ingress.kubernetes.io/proxy-read-timeout",
                     fmt::format("{}", rendering.spec.request_time_max_s));
  rendering.annotate("projectcontour.io/response-timeout",
                     fmt::format("{}s", rendering.spec.request_time_max_s));
  return {};
}

Error cannot_split(const EndpointSpec& spec, std::string_view because) {
  return {Code::Unsupported, fmt::format("traffic: {} deployments share it, but {}; or give one "
                                         "deployment 100",
                                         spec.sharing(), because)};
}

}  // namespace

Result<Exposure> choose_exposure(const EndpointSpec& spec, const RenderContext& context) {
  const bool split = spec.sharing() > 1;
  if (context.hosts.empty()) {
    if (split) return cannot_split(spec, "only a gateway splits it: name a host");
    return Exposure::None;
  }
  const bool wants_gateway = context.gateway || !context.gateway_class.empty();
  if (wants_gateway && !offers_gateway_api(context.apis)) {
    return Error(Code::Unsupported,
                 "the cluster offers no Gateway API: install a Gateway "
                 "controller, or name no gateway to get an Ingress");
  }
  if (!wants_gateway && context.ingress_class.empty() && offers_gateway_api(context.apis)) {
    return Error(Code::Invalid,
                 "the cluster offers the Gateway API: expected the gateway to use, "
                 "a gateway class, or an ingress class");
  }
  if (!context.gateway && context.tls_secret.empty()) {
    return Error(Code::Invalid, fmt::format("host {}: expected the TLS secret to serve it with",
                                            context.hosts.front()));
  }
  if (wants_gateway) return Exposure::Gateway;
  if (split) {
    return cannot_split(spec,
                        "an Ingress cannot split it: install a controller of the Gateway API "
                        "and name a gateway");
  }
  return Exposure::Ingress;
}

Result<void> add_services(Rendering& rendering) {
  const EndpointSpec& spec = rendering.spec;
  for (const DeploymentSpec& deployment : spec.deployments) {
    TRY(rendering.add("v1", "Service", rendering.name_of(deployment), &deployment,
                      service_of(rendering, deployment)));
  }
  // Who calls from within the cluster by the endpoint's name gets the deployment with the most
  // traffic: a Service counts copies, not percents.
  return rendering.add("v1", "Service", spec.name, nullptr,
                       service_of(rendering, spec.main_deployment()));
}

Result<void> add_network_policy(Rendering& rendering) {
  const RenderContext& context = rendering.context;
  std::vector<std::string> allowed = context.client_namespaces;
  if (context.gateway && !context.hosts.empty()) allowed.push_back(context.gateway->in_namespace);
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());

  Json from = Json::array({{{"podSelector", Json::object()}}});
  if (!allowed.empty()) {
    from.push_back({{"namespaceSelector",
                     {{"matchExpressions", Json::array({{{"key", "kubernetes.io/metadata.name"},
                                                         {"operator", "In"},
                                                         {"values", allowed}}})}}}});
  }
  Json ingress = {{"from", std::move(from)},
                  {"ports", Json::array({{{"port", kPort}, {"protocol", "TCP"}}})}};
  Json egress_ports = Json::array(
      {{{"port", kDnsPort}, {"protocol", "UDP"}}, {{"port", kDnsPort}, {"protocol", "TCP"}}});
  for (const std::int64_t port : rendering.spec.egress_ports) {
    egress_ports.push_back({{"port", port}, {"protocol", "TCP"}});
  }
  Json spec = {{"podSelector", {{"matchLabels", rendering.selector(nullptr)}}},
               {"policyTypes", {"Ingress", "Egress"}},
               {"ingress", Json::array({std::move(ingress)})},
               {"egress", Json::array({{{"ports", std::move(egress_ports)}}})}};
  return rendering.add("networking.k8s.io/v1", "NetworkPolicy", rendering.spec.name, nullptr,
                       {{"spec", std::move(spec)}});
}

Result<void> add_exposure(Rendering& rendering) {
  TRY_ASSIGN(const Exposure exposure, choose_exposure(rendering.spec, rendering.context));
  if (exposure == Exposure::Gateway) return add_routes(rendering);
  if (exposure == Exposure::Ingress) return add_ingress(rendering);
  return {};
}

}  // namespace deploy_kubernetes
