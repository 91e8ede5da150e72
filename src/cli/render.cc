#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/endpoint.h"
#include "deploy_kubernetes/cluster_apis.h"
#include "deploy_kubernetes/yaml.h"

namespace cli {
namespace {

using base::Result;

struct RenderOptions {
  EndpointFlags endpoint;
  std::string release = "1.36";
  std::string in_namespace = "default";
  bool gateway_api = false;
  std::string monitoring;
};

Result<void> render(const RenderOptions& options, World& world, bool json) {
  TRY_ASSIGN(ReadyEndpoint endpoint, prepare_endpoint(options.endpoint, world, false));
  TRY_ASSIGN(endpoint.context.apis, deploy_kubernetes::ClusterApis::offline(options.release));
  if (options.gateway_api) endpoint.context.apis.add_gateway_api();
  if (!options.monitoring.empty()) endpoint.context.apis.add_monitoring(options.monitoring);
  endpoint.context.in_namespace = options.in_namespace;
  TRY_ASSIGN(const auto objects, deploy_kubernetes::render(endpoint.spec, endpoint.context));
  if (!json) return world.out.write(deploy_kubernetes::to_yaml(objects));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& each : objects) list.push_back(each.json);
  return world.out.write(list.dump(2) + "\n");
}

}  // namespace

Action declare_render(CLI::App& app) {
  const auto options = std::make_shared<RenderOptions>();
  app.add_option("name", options->endpoint.name,
                 "The endpoint, or without -f the version that it gets: faq, faq:3");
  add_endpoint_options(app, options->endpoint);
  app.add_option("--kube-version", options->release, "Kubernetes 1.34 or 1.36")
      ->capture_default_str();
  app.add_option("-n,--namespace", options->in_namespace, "Namespace")->capture_default_str();
  app.add_flag("--gateway-api", options->gateway_api, "The cluster has the Gateway API");
  app.add_option("--monitoring", options->monitoring,
                 "Group of the PodMonitor that the cluster has: monitoring.coreos.com");
  app.footer("Writes YAML and talks to no cluster. sooth deploy asks the cluster what it offers.");
  return [options](World& world, const Common& common) {
    return render(*options, world, common.json);
  };
}

}  // namespace cli
