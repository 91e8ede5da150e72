#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/cluster.h"
#include "cli/target.h"
#include "cli/workspace.h"
#include "deploy_kubernetes/render.h"
#include "rollout/rollout.h"
#include "rollout/standing.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

// What the commands share: a way to the cluster, and what the workspace calls it.
struct Place {
  OpenCluster open;
  std::string name;  // "kubernetes:prod/shop"
  World& world;
};

class ClusterChange final : public PlannedChange {
 public:
  // Without a workspace nobody remembers what runs there.
  ClusterChange(Place& place, rollout::Plan plan, std::vector<std::string> advice,
                std::unique_ptr<workspace::Workspace> workspace)
      : place_(place),
        plan_(std::move(plan)),
        advice_(std::move(advice)),
        workspace_(std::move(workspace)) {}

  const std::string& endpoint() const override { return plan_.endpoint; }
  const std::vector<deploy::Change>& changes() const override { return plan_.changes; }
  const std::vector<std::string>& advice() const override { return advice_; }

  Result<void> check(const Conduct& conduct) override {
    return rollout::check(place_.open.cluster, plan_, rollout_of(conduct));
  }

  Result<std::string> carry_out(const Conduct& conduct) override {
    if (workspace_ != nullptr) TRY(protect());
    const auto done =
        rollout::carry_out(place_.open.cluster, plan_, rollout_of(conduct), time_of(place_.world));
    // Also where it failed: the cluster then holds something else.
    const auto noted = workspace_ != nullptr ? note_deployed() : Result<void>();
    if (!done.ok()) {
      if (!noted.ok()) say_progress(place_.world, "note: " + noted.error().message());
      return done.error();
    }
    TRY(noted);
    return std::string();
  }

 private:
  rollout::Conduct rollout_of(const Conduct& conduct) const {
    return {.wait = conduct.wait,
            .roll_back = !conduct.keep,
            .force = conduct.force,
            .time_max = std::chrono::seconds(conduct.time_max_s),
            .on_progress = [this](const std::string& sentence) {
              say_progress(place_.world, sentence);
            }};
  }

  // Before anything is applied: nobody may collect what is about to run, nor what may be gone back
  // to.
  Result<void> protect() {
    const auto before = digests_of(rollout::versions_of(plan_.record), *workspace_);
    auto digests =
        digests_of(rollout::versions_of({.current = plan_.desired, .previous = {}}), *workspace_);
    digests.insert(digests.end(), before.begin(), before.end());
    return workspace_->set_deployed({place_.name, plan_.endpoint, std::move(digests)});
  }

  // Tells the workspace what runs there now: what the endpoint's record says.
  Result<void> note_deployed() {
    TRY_ASSIGN(const auto owner, place_.open.cluster.find_owner(plan_.endpoint));
    workspace::Deployed deployed{place_.name, plan_.endpoint, {}};
    if (owner) {
      TRY_ASSIGN(const auto record, rollout::read_record(*owner));
      deployed.digests = digests_of(rollout::versions_of(record), *workspace_);
    }
    return workspace_->set_deployed(std::move(deployed));
  }

  Place& place_;
  rollout::Plan plan_;
  std::vector<std::string> advice_;
  std::unique_ptr<workspace::Workspace> workspace_;
};

class KubernetesTarget final : public Target {
 public:
  KubernetesTarget(TargetFlags flags, Place place)
      : flags_(std::move(flags)), place_(std::move(place)) {}

  Result<std::unique_ptr<PlannedChange>> plan_deploy(const EndpointFlags& flags,
                                                     bool dry_run) override {
    TRY_ASSIGN(ReadyEndpoint endpoint, prepare_endpoint(flags, place_.world, !dry_run));
    TRY_ASSIGN(auto plan, rollout::plan_deploy(cluster(), endpoint.spec, endpoint.context));
    endpoint.context.apis = cluster().apis();
    auto advice = deploy_kubernetes::advice(endpoint.spec, endpoint.context);
    return std::make_unique<ClusterChange>(place_, std::move(plan), std::move(advice),
                                           std::move(endpoint.workspace));
  }

  Result<std::unique_ptr<PlannedChange>> plan_rollback(const std::string& endpoint) override {
    TRY_ASSIGN(auto plan, rollout::plan_rollback(cluster(), endpoint));
    return std::make_unique<ClusterChange>(place_, std::move(plan), std::vector<std::string>(),
                                           find_workspace());
  }

  Result<void> undeploy(const std::string& endpoint, std::chrono::seconds time_max) override {
    const auto gone = rollout::undeploy(cluster(), endpoint, time_max, time_of(place_.world));
    if (!gone.ok() && gone.error().code() != Code::NotFound) return gone;
    const auto workspace = find_workspace();
    if (workspace == nullptr) return gone;
    // Somebody else may have taken it away; then it is forgotten here.
    TRY_ASSIGN(const bool known, forget_deployed(*workspace, place_.name, endpoint));
    return known ? Result<void>() : gone;
  }

  Result<Look> look(const std::string& endpoint) override {
    TRY_ASSIGN(const auto owner, cluster().find_owner(endpoint));
    if (!owner) return unknown(endpoint);
    TRY_ASSIGN(const auto deployments, cluster().deployments(endpoint));
    Look look;
    for (const nlohmann::json& each : deployments) {
      const rollout::Standing standing = rollout::judge(each);
      Seen seen{.version = standing.version,
                .text = standing.text(),
                .because = "",
                .json = {{"object", standing.object},
                         {"version", standing.version},
                         {"wanted", standing.wanted},
                         {"available", standing.available},
                         {"updated", standing.updated},
                         {"ready", standing.ready}}};
      if (!standing.ready) {
        TRY_ASSIGN(const auto why, cluster().explain(each));
        if (why) seen.because = why->sentence;
      }
      look.deployments.push_back(std::move(seen));
    }
    return look;
  }

  Result<std::vector<CopyLog>> logs(const LogQuery& query) override {
    TRY_ASSIGN(const auto pods, cluster().pods(query.endpoint, query.deployment));
    if (pods.empty()) return unknown(query.endpoint);
    std::vector<CopyLog> logs;
    for (const nlohmann::json& each : pods) {
      const std::string pod = rollout::text_at(each, {"metadata", "name"});
      const auto text = client().text(fmt::format(
          "{}/{}/log?container=sooth&tailLines={}&limitBytes=8388608{}",
          cluster().core_path("pods"), pod, query.lines, query.previous ? "&previous=true" : ""));
      // A copy that has not started has no log; the others have.
      logs.push_back({pod, text.ok() ? *text : text.error().message() + "\n"});
    }
    return logs;
  }

  std::string_view copy_word() const override { return "pod"; }

  // Through the API server, so that nothing has to be exposed. The key goes in a field of its own:
  // `Authorization` would be taken for a credential of the API server.
  Result<Answer> score(const ScoreQuery& query) override {
    if (query.key.empty()) {
      return Error(Code::Invalid, "score: expected a key in SOOTH_KEY or in --key-file");
    }
    const std::string service = query.deployment.empty() ? query.endpoint
                                                         : deploy_kubernetes::deployment_name(
                                                               query.endpoint, query.deployment);
    TRY_ASSIGN(const auto answer,
               client().forward(
                   {.method = "POST",
                    .path = fmt::format("{}/http:{}:http/proxy/score",
                                        cluster().core_path("services"), service),
                    .fields = {{"Content-Type", "application/json"}, {"x-api-key", query.key}},
                    .body = query.body}));
    return Answer{answer.status, answer.body};
  }

 private:
  const rollout::Cluster& cluster() const { return place_.open.cluster; }
  kube::Client& client() const { return place_.open.access->client(); }

  Error unknown(const std::string& endpoint) const {
    return {Code::NotFound, fmt::format("endpoint {}: there is none in namespace {}",
                                        base::quote(endpoint), flags_.in_namespace)};
  }

  // The workspace, where there is one: going back and taking away need none.
  std::unique_ptr<workspace::Workspace> find_workspace() {
    auto opened = open_workspace(flags_.workspace, place_.world, false);
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  const TargetFlags flags_;
  Place place_;
};

}  // namespace

Result<std::unique_ptr<Target>> open_kubernetes(const TargetFlags& flags, World& world) {
  const ClusterFlags cluster{
      .context = flags.to, .in_namespace = flags.in_namespace, .server = flags.server};
  TRY_ASSIGN(OpenCluster open, open_cluster(cluster, world));
  return std::make_unique<KubernetesTarget>(flags, Place{std::move(open), cluster.target(), world});
}

}  // namespace cli
