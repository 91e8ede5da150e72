#include "deploy_local/replica_form.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace deploy_local {
namespace {

// Between the end of what a server allows itself and being killed.
constexpr std::chrono::seconds kStopSlack{5};

}  // namespace

std::string ReplicaForm::text() const {
  const nlohmann::json json = {{"arguments", arguments}, {"environment", environment}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ReplicaForm form_of(const Desired& desired, const deploy::DeploymentSpec& deployment,
                    const Place& place) {
  const std::int64_t threads =
      std::clamp<std::int64_t>((deployment.cpu_limit.millis + 999) / 1000, 1, place.processors);
  ReplicaForm form;
  form.arguments = {"serve",           deployment.version,
                    "--workspace",     place.workspace,
                    "--name",          desired.spec.name,
                    "--threads",       std::to_string(threads),
                    "--drain-time",    fmt::format("{} s", deployment.drain_time_s),
                    "--stop-time-max", fmt::format("{} s", desired.spec.request_time_max_s)};
  // The processes listen on loopback; without keys everybody on this machine may ask.
  if (desired.keys) {
    form.arguments.insert(form.arguments.end(), {"--keys", place.keys_file});
  } else {
    form.arguments.emplace_back("--open");
  }
  for (const auto& [name, value] : deployment.environment) {
    form.environment.push_back(fmt::format("{}={}", name, value));
  }
  const deploy::Probe& startup = deployment.probes.startup;
  form.start_time_max = std::chrono::seconds(startup.period_s * startup.failures);
  form.stop_time_max =
      std::chrono::seconds(deployment.drain_time_s + desired.spec.request_time_max_s) + kStopSlack;
  return form;
}

}  // namespace deploy_local
