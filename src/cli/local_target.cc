#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/local_change.h"
#include "cli/target.h"
#include "cli/workspace.h"
#include "deploy_local/machine_notes.h"
#include "host/keeper_lock.h"
#include "host/state_folder.h"
#include "net/client.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

// Flags that say something about a cluster only.
Result<void> check_flags(const EndpointFlags& flags) {
  const std::pair<const char*, bool> given[] = {
      {"--image", !flags.images.empty()},
      {"--repository", !flags.repository.empty()},
      {"--host", !flags.hosts.empty()},
      {"--tls-secret", !flags.tls_secret.empty()},
      {"--gateway", !flags.gateway.empty()},
      {"--gateway-class", !flags.gateway_class.empty()},
      {"--ingress-class", !flags.ingress_class.empty()},
      {"--pull-secret", !flags.pull_secrets.empty()},
      {"--client-namespace", !flags.client_namespaces.empty()}};
  for (const auto& [name, is_given] : given) {
    if (!is_given) continue;
    return Error(Code::Invalid, fmt::format("{}: expected none with --to local, where processes "
                                            "serve versions of the workspace on 127.0.0.1",
                                            name));
  }
  return {};
}

Seen seen_of(const std::string& endpoint, const deploy_local::DeploymentStanding& standing) {
  Seen seen{.version = standing.version,
            .text = standing.text(endpoint),
            .because = standing.because,
            .json = {{"object", fmt::format("{}-{}", endpoint, standing.name)},
                     {"version", standing.version},
                     {"wanted", standing.wanted},
                     {"available", standing.ready + standing.old},
                     {"updated", standing.ready},
                     {"ready", standing.ready >= standing.wanted && standing.old == 0},
                     {"restarts", standing.restarts},
                     {"percent", standing.percent},
                     {"port", standing.port}}};
  if (standing.given_up) seen.text += ", given up";
  return seen;
}

class LocalTarget final : public Target {
 public:
  LocalTarget(std::unique_ptr<workspace::Workspace> workspace, std::string root, World& world)
      : workspace_(std::move(workspace)), root_(std::move(root)), world_(world) {}

  Result<std::unique_ptr<PlannedChange>> plan_deploy(const EndpointFlags& flags,
                                                     bool dry_run) override {
    TRY(check_flags(flags));
    TRY_ASSIGN(auto spec, read_spec(flags, world_));
    TRY(deploy_local::check_for_machine(spec));
    if (!dry_run) TRY(pull_versions(spec, flags, *workspace_, world_));
    TRY(pin_versions(spec, *workspace_));
    TRY_ASSIGN(std::string keys, find_keys(flags, spec.name, workspace_.get()));
    return LocalChange::plan_deploy(here(), {std::move(spec), std::move(keys), flags.port});
  }

  Result<std::unique_ptr<PlannedChange>> plan_rollback(const std::string& endpoint) override {
    TRY(deploy::check_dns_name(endpoint, deploy::kEndpointNameMax));
    return LocalChange::plan_rollback(here(), endpoint);
  }

  Result<void> undeploy(const std::string& endpoint, std::chrono::seconds time_max) override {
    TRY(deploy::check_dns_name(endpoint, deploy::kEndpointNameMax));
    TRY_ASSIGN(const auto lock,
               base::FileLock::take(host::change_lock(root_), base::FileLock::Kind::Exclusive));
    const host::StateFolder folder(root_, endpoint);
    if (!base::is_directory(folder.path())) return unknown(endpoint);
    return remove_endpoint(here(), endpoint, time_max);
  }

  Result<Look> look(const std::string& endpoint) override {
    const host::StateFolder folder(root_, endpoint);
    TRY_ASSIGN(const auto desired, folder.find_desired());
    if (!desired) return unknown(endpoint);
    TRY_ASSIGN(const auto keeper, host::find_holder(folder.lock_file()));
    const std::string url = url_of(desired->port);
    Look look;
    look.headline = keeper
                        ? fmt::format("{} at {}/score", endpoint, url)
                        : fmt::format("{}: not running; deploy it again to bring it up", endpoint);
    look.more = {{"url", url}, {"running", keeper.has_value()}};
    if (!keeper) return look;
    TRY_ASSIGN(const auto standing, folder.find_standing());
    if (!standing) return look;
    for (const auto& each : standing->deployments) {
      look.deployments.push_back(seen_of(endpoint, each));
    }
    look.more["keeper"] = *keeper;
    look.more["copies"] = ordered_json::array();
    for (const auto& each : standing->replicas) {
      look.more["copies"].push_back(
          {{"name", each.name}, {"pid", each.pid}, {"phase", each.phase}});
    }
    return look;
  }

  Result<std::vector<CopyLog>> logs(const LogQuery& query) override {
    const host::StateFolder folder(root_, query.endpoint);
    if (!base::is_directory(folder.path())) return unknown(query.endpoint);
    TRY_ASSIGN(const auto replicas, folder.replicas_with_logs());
    std::vector<CopyLog> logs;
    for (const std::string& each : replicas) {
      const std::string deployment = each.substr(0, each.rfind('-'));
      if (!query.deployment.empty() && deployment != query.deployment) continue;
      TRY_ASSIGN(std::string text,
                 folder.log_lines(each, static_cast<std::size_t>(query.lines), query.previous));
      logs.push_back({each, std::move(text)});
    }
    return logs;
  }

  std::string_view copy_word() const override { return "copy"; }

  Result<Answer> score(const ScoreQuery& query) override {
    const host::StateFolder folder(root_, query.endpoint);
    TRY_ASSIGN(const auto desired, folder.find_desired());
    if (!desired) return unknown(query.endpoint);
    TRY_ASSIGN(const auto keeper, host::find_holder(folder.lock_file()));
    if (!keeper) {
      return Error(Code::Unavailable, fmt::format("endpoint {}: not running; deploy it again to "
                                                  "bring it up",
                                                  base::quote(query.endpoint)));
    }
    net::ClientRequest request{.port = desired->port,
                               .method = "POST",
                               .target = "/score",
                               .headers = {{"Content-Type", "application/json"}},
                               .body = query.body};
    if (!query.deployment.empty()) {
      TRY_ASSIGN(request.port, port_of(folder, query));
    }
    if (!query.key.empty()) request.headers.emplace_back("x-api-key", query.key);
    const auto deadline = world_.now() + std::chrono::seconds(desired->spec.request_time_max_s);
    TRY_ASSIGN(auto answer, net::fetch(request, deadline));
    return Answer{answer.status, std::move(answer.body)};
  }

 private:
  LocalPlace here() { return {*workspace_, root_, world_}; }

  static Error unknown(const std::string& endpoint) {
    return {Code::NotFound, fmt::format("endpoint {}: there is none on this machine in this "
                                        "workspace",
                                        base::quote(endpoint))};
  }

  static Result<std::uint16_t> port_of(const host::StateFolder& folder, const ScoreQuery& query) {
    TRY_ASSIGN(const auto standing, folder.find_standing());
    if (standing) {
      for (const auto& each : standing->deployments) {
        if (each.name == query.deployment && each.port != 0) return each.port;
      }
    }
    return Error(Code::NotFound,
                 fmt::format("endpoint {}: it has no deployment {}", base::quote(query.endpoint),
                             base::quote(query.deployment)));
  }

  const std::unique_ptr<workspace::Workspace> workspace_;
  const std::string root_;
  World& world_;
};

}  // namespace

Result<std::unique_ptr<Target>> open_local(const TargetFlags& flags, World& world) {
  TRY_ASSIGN(auto workspace, open_workspace(flags.workspace, world, false));
  // Processes that outlive this command have no folder of their own.
  const std::unique_ptr<char, decltype(&std::free)> root(
      ::realpath(workspace->root().c_str(), nullptr), &std::free);
  if (root == nullptr) return base::system_error(workspace->root(), errno);
  std::string path = root.get();
  return std::make_unique<LocalTarget>(std::move(workspace), std::move(path), world);
}

}  // namespace cli
