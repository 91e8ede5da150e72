#include "deploy_local/machine_notes.h"

#include <fmt/format.h>

#include "base/text.h"

namespace deploy_local {
namespace {

using deploy::DeploymentSpec;
using deploy::EndpointSpec;

// Every default as the endpoint file has it.
DeploymentSpec plain_deployment() {
  const auto spec =
      deploy::parse_endpoint("default", "name: x\ndeployments: {x: {version: 'x:1'}}\n");
  return spec.ok() ? spec->deployments.front() : DeploymentSpec();
}

void note(std::vector<std::string>& notes, const DeploymentSpec& deployment,
          std::string_view sentence) {
  notes.push_back(fmt::format("deployment {}: {}", base::quote(deployment.name), sentence));
}

void note_deployment(const DeploymentSpec& given, const DeploymentSpec& plain,
                     std::vector<std::string>& notes) {
  if (given.autoscale) {
    note(notes, given,
         fmt::format("\"autoscale\" does not work on this machine; \"min\" ({}) copies run",
                     given.autoscale->min));
  }
  if (given.memory_limit != plain.memory_limit) {
    note(notes, given, "\"memory\" and \"memory_limit\" limit nothing on this machine");
  }
  if (given.gpu > 0) {
    note(notes, given, "\"gpu\" is not shared out on this machine; each copy sees every GPU");
  }
  if (given.probes.readiness != plain.probes.readiness ||
      given.probes.liveness != plain.probes.liveness) {
    note(
        notes, given,
        "of \"probes\" only \"startup\" counts on this machine; a copy that ends is started again");
  }
  if (!given.node_selector.empty()) {
    note(notes, given, "\"node_selector\" says nothing on this machine");
  }
}

}  // namespace

std::vector<std::string> machine_notes(const EndpointSpec& spec) {
  const DeploymentSpec plain = plain_deployment();
  std::vector<std::string> notes;
  for (const DeploymentSpec& each : spec.deployments) {
    note_deployment(each, plain, notes);
  }
  if (!spec.egress_ports.empty()) {
    notes.emplace_back("\"egress_ports\" keeps nobody from connecting on this machine");
  }
  return notes;
}

base::Result<void> check_for_machine(const EndpointSpec& spec) {
  for (const DeploymentSpec& each : spec.deployments) {
    if (each.secrets.empty()) continue;
    const auto& [variable, reference] = *each.secrets.begin();
    return base::Error(
        base::Code::Invalid,
        fmt::format("deployment {}: secret {} for {}: this machine keeps no secrets; "
                    "in an endpoint file for --to local give {} under "
                    "\"environment\"",
                    base::quote(each.name), base::quote(reference.secret), base::quote(variable),
                    variable));
  }
  return {};
}

}  // namespace deploy_local
