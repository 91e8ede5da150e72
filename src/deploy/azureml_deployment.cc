// Of Azure ML's CLI (v2) YAML the two schemas of deployments.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "deploy/azureml_reader.h"
#include "deploy/section.h"

namespace deploy {
namespace {

using base::Result;
using config::YamlMap;
using config::YamlNode;

constexpr std::int64_t kCountMax = 1000;
constexpr std::int64_t kProbeSecondsMax = 300;
constexpr std::int64_t kFailuresMax = 10'000;
constexpr std::int64_t kRequestMsMax = 3'600'000;

constexpr AzureWithout kDeploymentWithout[] = {
    {"code_configuration", "a version holds what scores; a scoring script is not run"},
    {"environment", "the image is built from the version: sooth build"},
    {"app_insights_enabled", "metrics are at /metrics and logs on standard error"},
    {"data_collector", "requests are not collected"},
    {"egress_public_network_access", "only the ports of egress_ports may be reached"},
    {"model_mount_path", "the image holds the model where the server expects it"},
    {"description", "labels are kept"},
    {"properties", "labels are kept"},
    {"type", "the target is named when deploying"},
    {"private_network_connection", "networks are the target's"},
};

constexpr std::string_view kDeploymentKeys[] = {"$schema",
                                                "name",
                                                "endpoint_name",
                                                "model",
                                                "instance_type",
                                                "instance_count",
                                                "resources",
                                                "scale_settings",
                                                "tags",
                                                "liveness_probe",
                                                "environment_variables",
                                                "readiness_probe",
                                                "startup_probe",
                                                "request_settings"};

// "azureml:faq:3" -> "faq:3", "azureml:faq@latest" -> "faq@latest".
std::optional<std::string> registered_version(std::string_view model) {
  if (!model.starts_with("azureml:") || model.starts_with("azureml://")) return std::nullopt;
  return std::string(model.substr(std::string_view("azureml:").size()));
}

bool is_reference(std::string_view text) {
  const auto part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._:@-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), part) &&
         std::isalnum(static_cast<unsigned char>(text.front())) != 0 &&
         std::isalnum(static_cast<unsigned char>(text.back())) != 0;
}

// What `key` of requests or limits says of processors, memory and GPUs.
struct Amounts {
  std::optional<Cpu> cpu;
  std::optional<Memory> memory;
  std::optional<std::int64_t> gpu;
};

Result<Amounts> read_amounts(const YamlMap& resources, std::string_view key) {
  Amounts amounts;
  if (!resources.has(key)) return amounts;
  TRY_ASSIGN(const YamlMap map, resources.get_map(key));
  TRY(map.only({"cpu", "memory", "nvidia.com/gpu"}));
  const auto wrong = [&](std::string_view name, const base::Error& error) {
    return map.error_at(name, fmt::format("key {}: {}", base::quote(name), error.message()));
  };
  if (map.has("cpu")) {
    TRY_ASSIGN(const std::string text, map.get_string("cpu"));
    const auto cpu = Cpu::parse(text);
    if (!cpu.ok()) return wrong("cpu", cpu.error());
    amounts.cpu = *cpu;
  }
  if (map.has("memory")) {
    TRY_ASSIGN(const std::string text, map.get_string("memory"));
    const auto memory = Memory::parse(text);
    if (!memory.ok()) return wrong("memory", memory.error());
    amounts.memory = *memory;
  }
  if (map.has("nvidia.com/gpu")) {
    TRY_ASSIGN(const std::string text, map.get_string("nvidia.com/gpu"));
    const auto gpu = base::parse_int(text);
    if (!gpu || *gpu < 0 || *gpu > 16) {
      return map.error_at("nvidia.com/gpu",
                          "key \"nvidia.com/gpu\": expected a whole number from "
                          "0 to 16");
    }
    amounts.gpu = *gpu;
  }
  return amounts;
}

}  // namespace

bool is_azure_deployment(const YamlMap& map) {
  for (const std::string_view key : kDeploymentKeys) {
    if (key != "$schema" && key != "name" && key != "tags" && map.has(key)) return true;
  }
  const YamlNode* schema = map.find("$schema");
  return schema != nullptr && schema->text.find("Deployment.schema") != std::string::npos;
}

Result<void> AzureReader::read_model(const AzureFile& file, DeploymentSpec& deployment) {
  const std::string by_alias = fmt::format("{}@{}", endpoint_.spec.name, deployment.name);
  const YamlNode* model = file.map.find("model");
  deployment.version = by_alias;
  if (model == nullptr) {
    note(file, "model",
         fmt::format("none is given; register one: sooth register PATH --name {} "
                     "--alias {}",
                     endpoint_.spec.name, deployment.name));
    return {};
  }
  std::string path;
  if (model->kind == YamlNode::Kind::Map) {
    TRY_ASSIGN(const YamlMap map, file.map.get_map("model"));
    TRY(map.only({"name", "version", "path", "type", "description", "tags", "properties", "stage",
                  "flavors", "$schema"}));
    if (map.has("name") && map.has("version")) {
      TRY_ASSIGN(const std::string name, map.get_string("name"));
      TRY_ASSIGN(const std::string version, map.get_string("version"));
      deployment.version = fmt::format("{}:{}", name, version);
    }
    if (map.has("path")) {
      TRY_ASSIGN(path, map.get_string("path"));
    }
  } else {
    const Result<std::string> text = file.map.get_string("model");
    if (!text.ok()) return text.error();
    const auto registered = registered_version(*text);
    if (registered) deployment.version = *registered;
    if (!registered) path = *text;
  }
  if (!is_reference(deployment.version)) {
    return file.map.error_at("model", fmt::format("key \"model\": expected a model such as "
                                                  "\"azureml:faq:3\", got {}",
                                                  base::quote(deployment.version)));
  }
  if (deployment.version == by_alias) {
    note(file, "model",
         fmt::format("a path is not deployed; register it: sooth register {} "
                     "--name {} --alias {}",
                     base::quote(path), endpoint_.spec.name, deployment.name));
  }
  return {};
}

void AzureReader::read_instance_type(const AzureFile& file, const std::string& type,
                                     DeploymentSpec& deployment) {
  // Azure's sizes with GPUs are the N series.
  const std::string name = lower_case(type);
  const bool has_gpu = name.starts_with("standard_nc") || name.starts_with("standard_nd") ||
                       name.starts_with("standard_nv");
  if (has_gpu && deployment.gpu == 0) {
    deployment.gpu = 1;
    note(file, "instance_type",
         fmt::format("{} is read as \"gpu: 1\"; say more or fewer there", base::quote(type)));
  } else {
    note(file, "instance_type",
         fmt::format("{} has no counterpart; \"cpu\" and \"memory\" say what a copy needs",
                     base::quote(type)));
  }
}

Result<void> AzureReader::read_scale(const AzureFile& file, DeploymentSpec& deployment) {
  if (file.map.has("instance_count")) {
    TRY_ASSIGN(deployment.replicas, file.map.get_int("instance_count", 1, kCountMax));
  }
  if (!file.map.has("scale_settings")) return {};
  TRY_ASSIGN(const YamlMap scale, file.map.get_map("scale_settings"));
  TRY(scale.only({"type", "min_instances", "max_instances", "polling_interval",
                  "target_utilization_percentage"}));
  TRY_ASSIGN(const std::string type, scale.get_string("type"));
  if (type == "default") return {};
  if (type != "target_utilization") {
    return scale.error_at("type", fmt::format("key \"type\": expected \"default\" or "
                                              "\"target_utilization\", got {}",
                                              base::quote(type)));
  }
  Autoscale bounds = {.min = 1, .max = 1, .cpu_percent = 70, .scale_down_after_s = 300};
  if (scale.has("min_instances")) {
    TRY_ASSIGN(bounds.min, scale.get_int("min_instances", 1, kCountMax));
  }
  TRY_ASSIGN(bounds.max, scale.get_int("max_instances", bounds.min, kCountMax));
  if (scale.has("target_utilization_percentage")) {
    TRY_ASSIGN(bounds.cpu_percent, scale.get_int("target_utilization_percentage", 1, 100));
  }
  if (scale.has("polling_interval")) {
    no_counterpart(file, "polling_interval", "the target decides how often it looks");
  }
  deployment.autoscale = bounds;
  deployment.replicas = bounds.min;
  return {};
}

Result<void> AzureReader::read_resources(const AzureFile& file, DeploymentSpec& deployment) {
  if (!file.map.has("resources")) return {};
  TRY_ASSIGN(const YamlMap resources, file.map.get_map("resources"));
  TRY(resources.only({"requests", "limits"}));
  TRY_ASSIGN(const Amounts requests, read_amounts(resources, "requests"));
  TRY_ASSIGN(const Amounts limits, read_amounts(resources, "limits"));
  // As on Kubernetes: a limit alone is also what is asked for.
  deployment.cpu = requests.cpu.value_or(limits.cpu.value_or(deployment.cpu));
  deployment.memory = requests.memory.value_or(limits.memory.value_or(deployment.memory));
  deployment.cpu_limit = limits.cpu.value_or(deployment.cpu);
  deployment.memory_limit = limits.memory.value_or(deployment.memory);
  deployment.gpu = limits.gpu.value_or(requests.gpu.value_or(0));
  if (deployment.cpu_limit.millis < deployment.cpu.millis ||
      deployment.memory_limit.bytes < deployment.memory.bytes) {
    return resources.error_at("limits", "key \"limits\": expected at least what \"requests\" says");
  }
  return {};
}

Result<void> AzureReader::read_environment(const AzureFile& file, DeploymentSpec& deployment) {
  if (!file.map.has("environment_variables")) return {};
  TRY_ASSIGN(const YamlMap variables, file.map.get_map("environment_variables"));
  for (const std::string_view name : variables.keys()) {
    TRY_ASSIGN(std::string value, variables.get_string(name));
    if (!is_variable_name(name)) {
      return variables.error_at(name, fmt::format("expected a name of letters, digits and '_', "
                                                  "got {}",
                                                  base::quote(name)));
    }
    if (value.find("@https://") != std::string::npos &&
        value.find(".vault.azure.net") != std::string::npos) {
      note(file, name,
           "a reference to Key Vault has no counterpart; put the value into a secret "
           "of the target and name it under \"secrets\"");
      continue;
    }
    if (!is_variable_value(value)) {
      return variables.error_at(
          name, fmt::format("expected at most {} bytes of UTF-8", kVariableBytesMax));
    }
    deployment.environment.emplace(name, std::move(value));
  }
  return {};
}

Result<void> AzureReader::read_probe(const AzureFile& file, std::string_view key, Probe& probe) {
  if (!file.map.has(key)) return {};
  TRY_ASSIGN(const YamlMap map, file.map.get_map(key));
  TRY(map.only({"initial_delay", "period", "timeout", "success_threshold", "failure_threshold"}));
  const auto read = [&](std::string_view name, std::int64_t max,
                        std::int64_t& value) -> Result<void> {
    if (!map.has(name)) return {};
    TRY_ASSIGN(value, map.get_int(name, 1, max));
    return {};
  };
  TRY(read("period", kProbeSecondsMax, probe.period_s));
  TRY(read("timeout", kProbeSecondsMax, probe.timeout_s));
  TRY(read("failure_threshold", kFailuresMax, probe.failures));
  if (map.has("initial_delay")) {
    no_counterpart(file, "initial_delay", "the startup probe waits as long as starting takes");
  }
  if (map.has("success_threshold")) {
    no_counterpart(file, "success_threshold", "one success is enough");
  }
  return {};
}

Result<void> AzureReader::read_requests(const AzureFile& file) {
  if (!file.map.has("request_settings")) return {};
  TRY_ASSIGN(const YamlMap settings, file.map.get_map("request_settings"));
  TRY(settings.only(
      {"request_timeout_ms", "max_concurrent_requests_per_instance", "max_queue_wait_ms"}));
  if (settings.has("request_timeout_ms")) {
    TRY_ASSIGN(const std::int64_t ms, settings.get_int("request_timeout_ms", 1, kRequestMsMax));
    // Of several deployments the longest: a gateway has one limit for the endpoint.
    std::int64_t& longest = endpoint_.spec.request_time_max_s;
    longest = std::max(longest, (ms + 999) / 1000);
  }
  for (const std::string_view key : {"max_concurrent_requests_per_instance", "max_queue_wait_ms"}) {
    if (settings.has(key)) no_counterpart(file, key, "the server bounds its own queue");
  }
  return {};
}

Result<void> AzureReader::read_deployment(const AzureFile& file) {
  TRY(check_keys(file, kDeploymentKeys, kDeploymentWithout));
  TRY_ASSIGN(const EndpointSpec standard, azure_defaults());
  DeploymentSpec deployment = standard.deployments.front();
  deployment.replicas = 1;  // Azure's own default.
  TRY_ASSIGN(deployment.name, read_name(file, "name", kDeploymentNameMax));
  if (endpoint_.spec.find_deployment(deployment.name) != nullptr) {
    return file.map.error_at("name", fmt::format("key \"name\": two files describe deployment {}",
                                                 base::quote(deployment.name)));
  }
  if (file.map.has("endpoint_name")) {
    TRY_ASSIGN(const std::string endpoint, file.map.get_string("endpoint_name"));
    if (as_dns_name(endpoint, kEndpointNameMax) != endpoint_.spec.name) {
      return file.map.error_at(
          "endpoint_name", fmt::format("key \"endpoint_name\": expected {}, got {}",
                                       base::quote(endpoint_.spec.name), base::quote(endpoint)));
    }
  }
  TRY(read_model(file, deployment));
  TRY(read_scale(file, deployment));
  TRY(read_resources(file, deployment));
  if (file.map.has("instance_type")) {
    TRY_ASSIGN(const std::string type, file.map.get_string("instance_type"));
    read_instance_type(file, type, deployment);
  }
  TRY(read_environment(file, deployment));
  TRY(read_probe(file, "startup_probe", deployment.probes.startup));
  TRY(read_probe(file, "readiness_probe", deployment.probes.readiness));
  TRY(read_probe(file, "liveness_probe", deployment.probes.liveness));
  TRY(read_requests(file));
  TRY(read_tags(file, endpoint_.spec.labels));
  endpoint_.spec.deployments.push_back(std::move(deployment));
  return {};
}

}  // namespace deploy
