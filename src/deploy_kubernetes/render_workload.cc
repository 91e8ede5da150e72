// Deployment, HorizontalPodAutoscaler and PodDisruptionBudget of each deployment of the endpoint.

#include <fmt/format.h>

#include "deploy_kubernetes/parts.h"

namespace deploy_kubernetes {
namespace {

using base::Result;
using deploy::DeploymentSpec;
using deploy::Probe;

constexpr int kRevisionsKept = 5;
// What a copy gets after it drained and its last request could be done.
constexpr std::int64_t kStopSlackS = 5;
// What pulling the image may take, besides starting.
constexpr std::int64_t kPullTimeS = 300;

Json probe_of(const Probe& probe, std::string_view path) {
  return {{"httpGet", {{"path", path}, {"port", "http"}}},
          {"periodSeconds", probe.period_s},
          {"timeoutSeconds", probe.timeout_s},
          {"failureThreshold", probe.failures}};
}

Json resources_of(const DeploymentSpec& deployment) {
  Json resources = {
      {"requests", {{"cpu", deployment.cpu.text()}, {"memory", deployment.memory.text()}}},
      {"limits",
       {{"cpu", deployment.cpu_limit.text()}, {"memory", deployment.memory_limit.text()}}}};
  if (deployment.gpu > 0) {
    for (const char* side : {"requests", "limits"}) {
      resources[side]["nvidia.com/gpu"] = fmt::format("{}", deployment.gpu);
    }
  }
  return resources;
}

Json environment_of(const DeploymentSpec& deployment) {
  Json list = Json::array();
  for (const auto& [name, value] : deployment.environment) {
    list.push_back({{"name", name}, {"value", value}});
  }
  for (const auto& [name, reference] : deployment.secrets) {
    list.push_back(
        {{"name", name},
         {"valueFrom", {{"secretKeyRef", {{"name", reference.secret}, {"key", reference.key}}}}}});
  }
  return list;
}

Json container_of(const Rendering& rendering, const DeploymentSpec& deployment) {
  Json container = {{"name", "sooth"},
                    {"image", rendering.context.images.at(deployment.name)},
                    {"imagePullPolicy", "IfNotPresent"}};
  if (!rendering.context.arguments.empty()) container["args"] = rendering.context.arguments;
  container["ports"] =
      Json::array({{{"name", "http"}, {"containerPort", kPort}, {"protocol", "TCP"}}});
  if (Json environment = environment_of(deployment); !environment.empty()) {
    container["env"] = std::move(environment);
  }
  container["resources"] = resources_of(deployment);
  container["startupProbe"] = probe_of(deployment.probes.startup, "/readyz");
  container["readinessProbe"] = probe_of(deployment.probes.readiness, "/readyz");
  container["livenessProbe"] = probe_of(deployment.probes.liveness, "/healthz");
  // A copy is taken out of every list of backends while it still serves.
  if (deployment.drain_time_s > 0) {
    container["lifecycle"] = {{"preStop", {{"sleep", {{"seconds", deployment.drain_time_s}}}}}};
  }
  container["securityContext"] = {{"allowPrivilegeEscalation", false},
                                  {"readOnlyRootFilesystem", true},
                                  {"capabilities", {{"drop", Json::array({"ALL"})}}}};
  container["volumeMounts"] = Json::array({{{"name", "tmp"}, {"mountPath", "/tmp"}}});
  if (!rendering.context.keys_base64.empty()) {
    container["volumeMounts"].push_back(
        {{"name", "keys"}, {"mountPath", kKeysFolder}, {"readOnly", true}});
  }
  return container;
}

Json volumes_of(const Rendering& rendering) {
  Json volumes = Json::array({{{"name", "tmp"}, {"emptyDir", {{"sizeLimit", "64Mi"}}}}});
  if (!rendering.context.keys_base64.empty()) {
    // Read by the group of the pod alone: 0440.
    volumes.push_back(
        {{"name", "keys"},
         {"secret", {{"secretName", rendering.spec.name + "-keys"}, {"defaultMode", 0440}}}});
  }
  return volumes;
}

Json spread_of(const Rendering& rendering, const DeploymentSpec& deployment) {
  Json constraints = Json::array();
  for (const char* key : {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}) {
    constraints.push_back({{"maxSkew", 1},
                           {"topologyKey", key},
                           {"whenUnsatisfiable", "ScheduleAnyway"},
                           {"labelSelector", {{"matchLabels", rendering.selector(&deployment)}}},
                           {"matchLabelKeys", Json::array({"pod-template-hash"})}});
  }
  return constraints;
}

Json pod_of(const Rendering& rendering, const DeploymentSpec& deployment) {
  Json pod = {{"serviceAccountName", rendering.spec.name},
              {"automountServiceAccountToken", false},
              {"enableServiceLinks", false},
              {"terminationGracePeriodSeconds",
               deployment.drain_time_s + rendering.spec.request_time_max_s + kStopSlackS},
              {"securityContext",
               {{"runAsNonRoot", true},
                {"runAsUser", kUser},
                {"runAsGroup", kUser},
                {"fsGroup", kUser},
                {"seccompProfile", {{"type", "RuntimeDefault"}}}}}};
  for (const std::string& secret : rendering.context.image_pull_secrets) {
    pod["imagePullSecrets"].push_back({{"name", secret}});
  }
  pod["containers"] = Json::array({container_of(rendering, deployment)});
  pod["volumes"] = volumes_of(rendering);
  pod["topologySpreadConstraints"] = spread_of(rendering, deployment);
  if (!deployment.node_selector.empty()) pod["nodeSelector"] = deployment.node_selector;
  if (deployment.gpu > 0) {
    // NVIDIA's taint, and the one that AKS advises.
    pod["tolerations"] = Json::array(
        {{{"key", "nvidia.com/gpu"}, {"operator", "Exists"}, {"effect", "NoSchedule"}},
         {{"key", "sku"}, {"operator", "Equal"}, {"value", "gpu"}, {"effect", "NoSchedule"}}});
  }
  return pod;
}

Result<void> add_deployment(Rendering& rendering, const DeploymentSpec& deployment) {
  const bool surge = deployment.update == deploy::Update::Surge;
  const Probe& startup = deployment.probes.startup;
  Json spec;
  // An autoscaler owns the number.
  if (!deployment.autoscale) spec["replicas"] = deployment.replicas;
  spec["revisionHistoryLimit"] = kRevisionsKept;
  spec["progressDeadlineSeconds"] = startup.period_s * startup.failures + kPullTimeS;
  spec["strategy"] = {
      {"type", "RollingUpdate"},
      {"rollingUpdate", {{"maxSurge", surge ? 1 : 0}, {"maxUnavailable", surge ? 0 : 1}}}};
  spec["selector"] = {{"matchLabels", rendering.selector(&deployment)}};
  Json metadata = {{"labels", rendering.labels(&deployment)}};
  metadata["annotations"] = {{"sooth/version", deployment.version}};
  if (monitor_group(rendering.context.apis).empty()) {
    metadata["annotations"]["prometheus.io/scrape"] = "true";
    metadata["annotations"]["prometheus.io/port"] = fmt::format("{}", kPort);
    metadata["annotations"]["prometheus.io/path"] = "/metrics";
  }
  spec["template"] = {{"metadata", std::move(metadata)}, {"spec", pod_of(rendering, deployment)}};
  return rendering.add("apps/v1", "Deployment", rendering.name_of(deployment), &deployment,
                       {{"spec", std::move(spec)}});
}

Result<void> add_autoscaler(Rendering& rendering, const DeploymentSpec& deployment) {
  const std::string name = rendering.name_of(deployment);
  const deploy::Autoscale& bounds = *deployment.autoscale;
  Json cpu = {{"name", "cpu"},
              {"target", {{"type", "Utilization"}, {"averageUtilization", bounds.cpu_percent}}}};
  Json spec = {
      {"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}}},
      {"minReplicas", bounds.min},
      {"maxReplicas", bounds.max},
      {"metrics", Json::array({{{"type", "Resource"}, {"resource", std::move(cpu)}}})},
      {"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", bounds.scale_down_after_s}}}}}};
  return rendering.add("autoscaling/v2", "HorizontalPodAutoscaler", name, &deployment,
                       {{"spec", std::move(spec)}});
}

Result<void> add_disruption_budget(Rendering& rendering, const DeploymentSpec& deployment) {
  // Never as many as there are: that would block the upgrade of nodes.
  Json spec = {{"maxUnavailable", 1},
               {"unhealthyPodEvictionPolicy", "AlwaysAllow"},
               {"selector", {{"matchLabels", rendering.selector(&deployment)}}}};
  return rendering.add("policy/v1", "PodDisruptionBudget", rendering.name_of(deployment),
                       &deployment, {{"spec", std::move(spec)}});
}

}  // namespace

Result<void> add_workloads(Rendering& rendering) {
  for (const DeploymentSpec& deployment : rendering.spec.deployments) {
    TRY(add_deployment(rendering, deployment));
    if (deployment.autoscale) TRY(add_autoscaler(rendering, deployment));
    TRY(add_disruption_budget(rendering, deployment));
  }
  return {};
}

}  // namespace deploy_kubernetes
