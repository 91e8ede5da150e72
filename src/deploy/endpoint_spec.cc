#include "deploy/endpoint_spec.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "config/yaml.h"
#include "deploy/endpoint_keys.h"
#include "deploy/section.h"

namespace deploy {
namespace {

using base::Result;
using config::YamlMap;
using nlohmann::ordered_json;

// Labels that say whose an object is.
constexpr std::array<std::string_view, 3> kReservedLabels = {"app.kubernetes.io/", "sooth/",
                                                             "applyset.kubernetes.io/"};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<Probe> read_probe(const Section& probes, std::string_view name) {
  TRY_ASSIGN(const Section section, probes.section(name));
  Probe probe;
  TRY_ASSIGN(probe.period_s, section.integer("period"));
  TRY_ASSIGN(probe.timeout_s, section.integer("timeout"));
  TRY_ASSIGN(probe.failures, section.integer("failures"));
  return probe;
}

Result<Probes> read_probes(const Section& deployment) {
  TRY_ASSIGN(const Section section, deployment.section("probes"));
  Probes probes;
  TRY_ASSIGN(probes.startup, read_probe(section, "startup"));
  TRY_ASSIGN(probes.readiness, read_probe(section, "readiness"));
  TRY_ASSIGN(probes.liveness, read_probe(section, "liveness"));
  return probes;
}

Result<void> read_scale(const Section& section, DeploymentSpec& deployment) {
  TRY_ASSIGN(deployment.replicas, section.integer("replicas"));
  if (!section.has("autoscale")) return {};
  if (section.has("replicas")) {
    return section.error("replicas", "expected either \"replicas\" or \"autoscale\", got both");
  }
  TRY_ASSIGN(const Section bounds, section.section("autoscale"));
  Autoscale autoscale;
  TRY_ASSIGN(autoscale.min, bounds.integer("min"));
  TRY_ASSIGN(autoscale.max, bounds.integer("max"));
  TRY_ASSIGN(autoscale.cpu_percent, bounds.integer("cpu_percent"));
  TRY_ASSIGN(autoscale.scale_down_after_s, bounds.integer("scale_down_after"));
  if (autoscale.max < autoscale.min) {
    return bounds.error(
        "max", fmt::format("expected at least \"min\" ({}), got {}", autoscale.min, autoscale.max));
  }
  deployment.autoscale = autoscale;
  deployment.replicas = autoscale.min;
  return {};
}

Result<void> read_resources(const Section& section, DeploymentSpec& deployment) {
  TRY_ASSIGN(deployment.cpu, section.cpu("cpu"));
  deployment.cpu_limit = deployment.cpu;
  if (section.has("cpu_limit")) {
    TRY_ASSIGN(deployment.cpu_limit, section.cpu("cpu_limit"));
  }
  if (deployment.cpu_limit.millis < deployment.cpu.millis) {
    return section.error("cpu_limit",
                         fmt::format("expected at least what it asks for ({}), got \"{}\"",
                                     deployment.cpu.text(), deployment.cpu_limit.text()));
  }
  TRY_ASSIGN(deployment.memory, section.memory("memory"));
  deployment.memory_limit = deployment.memory;
  if (section.has("memory_limit")) {
    TRY_ASSIGN(deployment.memory_limit, section.memory("memory_limit"));
  }
  if (deployment.memory_limit.bytes < deployment.memory.bytes) {
    return section.error("memory_limit",
                         fmt::format("expected at least what it asks for ({}), got \"{}\"",
                                     deployment.memory.text(), deployment.memory_limit.text()));
  }
  TRY_ASSIGN(deployment.gpu, section.integer("gpu"));
  return {};
}

Result<void> read_environment(const Section& section, DeploymentSpec& deployment) {
  TRY_ASSIGN(deployment.environment, section.texts("environment"));
  TRY_ASSIGN(const auto secrets, section.sections("secrets"));
  for (const auto& [variable, inner] : secrets) {
    if (!is_variable_name(variable)) {
      return section.error(
          "secrets",
          fmt::format("expected a name of letters, digits and '_', got {}", base::quote(variable)));
    }
    if (deployment.environment.contains(variable)) {
      return section.error(
          "secrets", fmt::format("{} is also in \"environment\"; keep one", base::quote(variable)));
    }
    SecretReference reference;
    TRY_ASSIGN(reference.secret, inner.text("secret"));
    TRY_ASSIGN(reference.key, inner.text("key"));
    for (const auto& [key, text] :
         {std::pair{"secret", &reference.secret}, std::pair{"key", &reference.key}}) {
      const auto bad = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) > 0x7e ||
               c == '/';
      };
      if (std::any_of(text->begin(), text->end(), bad)) {
        return inner.error(key, fmt::format("expected a name, got {}", base::quote(*text)));
      }
    }
    deployment.secrets.emplace(variable, std::move(reference));
  }
  return {};
}

Result<DeploymentSpec> read_deployment(std::string_view endpoint, const std::string& name,
                                       const Section& section) {
  DeploymentSpec deployment;
  deployment.name = name;
  TRY_ASSIGN(deployment.version, section.text("version"));
  if (is_number(deployment.version)) {
    deployment.version = fmt::format("{}:{}", endpoint, deployment.version);
  }
  TRY(read_scale(section, deployment));
  TRY(read_resources(section, deployment));
  TRY_ASSIGN(const std::string update, section.text("update"));
  deployment.update = update == "surge" ? Update::Surge : Update::Replace;
  TRY_ASSIGN(deployment.drain_time_s, section.integer("drain_time"));
  TRY(read_environment(section, deployment));
  TRY_ASSIGN(deployment.probes, read_probes(section));
  TRY_ASSIGN(deployment.node_selector, section.texts("node_selector"));
  return deployment;
}

Result<void> read_deployments(const Section& root, EndpointSpec& spec) {
  TRY_ASSIGN(const auto sections, root.sections("deployments"));
  for (const auto& [name, section] : sections) {
    if (const auto checked = check_dns_name(name, kDeploymentNameMax); !checked.ok()) {
      return root.error("deployments", checked.error().message());
    }
    TRY_ASSIGN(DeploymentSpec deployment, read_deployment(spec.name, name, section));
    spec.deployments.push_back(std::move(deployment));
  }
  return {};
}

Result<void> read_traffic(const Section& root, EndpointSpec& spec) {
  std::vector<std::string_view> names;
  for (const DeploymentSpec& deployment : spec.deployments) {
    spec.traffic[deployment.name] = spec.deployments.size() == 1 ? 100 : 0;
    names.push_back(deployment.name);
  }
  if (!root.has("traffic")) {
    if (spec.deployments.size() == 1) return {};
    return root.error("traffic", fmt::format("expected the percent of each of {} deployments, "
                                             "got none",
                                             spec.deployments.size()));
  }
  TRY_ASSIGN(const YamlMap traffic, root.map().get_map("traffic"));
  TRY(traffic.only(names));
  std::int64_t sum = 0;
  for (const std::string_view name : names) {
    std::int64_t& percent = spec.traffic.find(std::string(name))->second;
    percent = 0;
    if (traffic.has(name)) {
      TRY_ASSIGN(percent, traffic.get_int(name, 0, 100));
    }
    sum += percent;
  }
  if (sum != 100) return root.error("traffic", fmt::format("expected 100 in all, got {}", sum));
  return {};
}

Result<void> read_labels(const Section& root, EndpointSpec& spec) {
  TRY_ASSIGN(spec.labels, root.texts("labels"));
  for (const auto& [key, value] : spec.labels) {
    for (const std::string_view reserved : kReservedLabels) {
      if (!key.starts_with(reserved)) continue;
      return root.error("labels", fmt::format("expected no labels of {}, got {}",
                                              base::quote(reserved), base::quote(key)));
    }
  }
  return {};
}

std::string seconds(std::int64_t count) { return fmt::format("{} s", count); }

ordered_json json_of(const Probe& probe) {
  return {{"period", seconds(probe.period_s)},
          {"timeout", seconds(probe.timeout_s)},
          {"failures", probe.failures}};
}

ordered_json json_of(const DeploymentSpec& deployment) {
  ordered_json json;
  json["version"] = deployment.version;
  if (deployment.autoscale) {
    json["autoscale"] = {{"min", deployment.autoscale->min},
                         {"max", deployment.autoscale->max},
                         {"cpu_percent", deployment.autoscale->cpu_percent},
                         {"scale_down_after", seconds(deployment.autoscale->scale_down_after_s)}};
  } else {
    json["replicas"] = deployment.replicas;
  }
  json["cpu"] = deployment.cpu.text();
  json["cpu_limit"] = deployment.cpu_limit.text();
  json["memory"] = deployment.memory.text();
  json["memory_limit"] = deployment.memory_limit.text();
  json["gpu"] = deployment.gpu;
  json["update"] = deployment.update == Update::Surge ? "surge" : "replace";
  json["drain_time"] = seconds(deployment.drain_time_s);
  if (!deployment.environment.empty()) json["environment"] = deployment.environment;
  for (const auto& [variable, reference] : deployment.secrets) {
    json["secrets"][variable] = {{"secret", reference.secret}, {"key", reference.key}};
  }
  json["probes"] = {{"startup", json_of(deployment.probes.startup)},
                    {"readiness", json_of(deployment.probes.readiness)},
                    {"liveness", json_of(deployment.probes.liveness)}};
  if (!deployment.node_selector.empty()) json["node_selector"] = deployment.node_selector;
  return json;
}

}  // namespace

const DeploymentSpec* EndpointSpec::find_deployment(std::string_view deployment) const {
  for (const DeploymentSpec& each : deployments) {
    if (each.name == deployment) return &each;
  }
  return nullptr;
}

const DeploymentSpec& EndpointSpec::main_deployment() const {
  const auto percent = [&](const DeploymentSpec& deployment) {
    const auto at = traffic.find(deployment.name);
    return at == traffic.end() ? 0 : at->second;
  };
  return *std::max_element(
      deployments.begin(), deployments.end(),
      [&](const DeploymentSpec& a, const DeploymentSpec& b) { return percent(a) < percent(b); });
}

std::size_t EndpointSpec::sharing() const {
  return static_cast<std::size_t>(std::count_if(traffic.begin(), traffic.end(),
                                                [](const auto& each) { return each.second > 0; }));
}

Result<EndpointSpec> parse_endpoint(std::string_view file, std::string_view text) {
  TRY_ASSIGN(YamlMap map, YamlMap::parse(file, text));
  TRY_ASSIGN(const Section root, Section::open(std::move(map), endpoint_keys()));
  EndpointSpec spec;
  TRY_ASSIGN(spec.name, root.text("name"));
  TRY(read_labels(root, spec));
  TRY(read_deployments(root, spec));
  TRY(read_traffic(root, spec));
  TRY_ASSIGN(spec.request_time_max_s, root.integer("request_time_max"));
  TRY_ASSIGN(spec.egress_ports, root.ports("egress_ports"));
  return spec;
}

ordered_json to_json(const EndpointSpec& spec) {
  ordered_json json;
  json["name"] = spec.name;
  if (!spec.labels.empty()) json["labels"] = spec.labels;
  for (const DeploymentSpec& deployment : spec.deployments) {
    json["deployments"][deployment.name] = json_of(deployment);
  }
  for (const DeploymentSpec& deployment : spec.deployments) {
    const auto percent = spec.traffic.find(deployment.name);
    json["traffic"][deployment.name] = percent == spec.traffic.end() ? 0 : percent->second;
  }
  json["request_time_max"] = seconds(spec.request_time_max_s);
  if (!spec.egress_ports.empty()) json["egress_ports"] = spec.egress_ports;
  return json;
}

Result<void> check_dns_name(std::string_view name, std::size_t bytes_max) {
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  const bool good = !name.empty() && name.size() <= bytes_max && name.front() >= 'a' &&
                    name.front() <= 'z' && name.back() != '-' &&
                    std::all_of(name.begin(), name.end(), part);
  if (good) return {};
  return base::Error(base::Code::Invalid,
                     fmt::format("expected 1 to {} of a-z, 0-9 and '-', starting with a letter and "
                                 "not ending with '-', got {}",
                                 bytes_max, base::quote(name)));
}

}  // namespace deploy
