#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/cluster.h"
#include "cli/commands.h"
#include "cli/endpoint.h"
#include "cli/workspace.h"
#include "deploy_kubernetes/plan_change.h"
#include "rollout/rollout.h"

namespace cli {
namespace {

using base::Code;
using base::Result;
using nlohmann::ordered_json;

struct Options {
  EndpointFlags endpoint;
  ClusterFlags cluster;
  bool dry_run = false;
  bool wait = false;
  bool keep = false;
  bool force = false;
  std::int64_t time_max_s = 600;
};

// Tells the workspace what runs there now: what the endpoint's record says.
Result<void> note_deployed(const OpenCluster& open, const Options& options,
                           const std::string& endpoint, workspace::Workspace& workspace) {
  TRY_ASSIGN(const auto owner, open.cluster.find_owner(endpoint));
  workspace::Deployed deployed{options.cluster.target(), endpoint, {}};
  if (owner) {
    TRY_ASSIGN(const auto record, rollout::read_record(*owner));
    deployed.digests = digests_of(rollout::versions_of(record), workspace);
  }
  return workspace.set_deployed(std::move(deployed));
}

// Before anything is applied: nobody may collect what is about to run, nor what may be gone back
// to.
Result<void> protect(const Options& options, const rollout::Plan& plan,
                     workspace::Workspace& workspace) {
  const auto before = digests_of(rollout::versions_of(plan.record), workspace);
  auto digests =
      digests_of(rollout::versions_of({.current = plan.desired, .previous = {}}), workspace);
  digests.insert(digests.end(), before.begin(), before.end());
  return workspace.set_deployed({options.cluster.target(), plan.endpoint, std::move(digests)});
}

Result<void> say_plan(const rollout::Plan& plan, const std::vector<std::string>& advice,
                      World& world) {
  std::string text = deploy_kubernetes::to_text(plan.changes);
  for (const std::string& each : advice) text += fmt::format("note: {}\n", each);
  return world.out.write(base::printable_lines(text));
}

Result<void> say_end(const rollout::Plan& plan, const std::vector<std::string>& advice,
                     std::string_view ended, World& world, bool json) {
  if (!json) return world.out.write(fmt::format("endpoint {}: {}\n", plan.endpoint, ended));
  const ordered_json body = {{"endpoint", plan.endpoint},
                             {"changes", deploy_kubernetes::to_json(plan.changes)},
                             {"advice", advice},
                             {"ended", ended}};
  return world.out.write(body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

// Shows the plan, has the API server check it, and carries it out.
// What is about to be done, and who remembers it.
struct Work {
  rollout::Plan plan;
  std::vector<std::string> advice;
  workspace::Workspace* workspace = nullptr;  // Null: nobody.
};

Result<void> conduct(const OpenCluster& open, const Options& options, Work work, World& world,
                     bool json) {
  rollout::Plan& plan = work.plan;
  const std::vector<std::string>& advice = work.advice;
  workspace::Workspace* const workspace = work.workspace;
  const rollout::Conduct how{
      .wait = options.wait,
      .roll_back = !options.keep,
      .force = options.force,
      .time_max = std::chrono::seconds(options.time_max_s),
      .on_progress = [&](const std::string& sentence) {
        static_cast<void>(world.err.write(base::printable(sentence) + "\n").ok());
      }};
  if (!json) TRY(say_plan(plan, advice, world));
  TRY(rollout::check(open.cluster, plan, how));
  if (options.dry_run) return say_end(plan, advice, "nothing was changed", world, json);
  if (workspace != nullptr) TRY(protect(options, plan, *workspace));
  const auto done = rollout::carry_out(open.cluster, plan, how, time_of(world));
  // Also where it failed: the cluster then holds something else.
  if (workspace != nullptr) TRY(note_deployed(open, options, plan.endpoint, *workspace));
  if (!done.ok()) return done;
  return say_end(plan, advice, options.wait ? "ready" : "applied", world, json);
}

Result<void> deploy(const Options& options, World& world, bool json) {
  TRY_ASSIGN(const OpenCluster open, open_cluster(options.cluster, world));
  TRY_ASSIGN(ReadyEndpoint endpoint, prepare_endpoint(options.endpoint, world, !options.dry_run));
  TRY_ASSIGN(auto plan, rollout::plan_deploy(open.cluster, endpoint.spec, endpoint.context));
  endpoint.context.apis = open.cluster.apis();
  return conduct(open, options,
                 {std::move(plan), deploy_kubernetes::advice(endpoint.spec, endpoint.context),
                  endpoint.workspace.get()},
                 world, json);
}

// The workspace, where there is one: going back and taking away need none.
std::unique_ptr<workspace::Workspace> find_workspace(const Options& options, World& world) {
  auto opened = open_workspace(options.endpoint.workspace, world, false);
  return opened.ok() ? *std::move(opened) : nullptr;
}

Result<void> roll_back(const Options& options, World& world, bool json) {
  TRY_ASSIGN(const OpenCluster open, open_cluster(options.cluster, world));
  TRY_ASSIGN(auto plan, rollout::plan_rollback(open.cluster, options.endpoint.name));
  const auto workspace = find_workspace(options, world);
  return conduct(open, options, {std::move(plan), {}, workspace.get()}, world, json);
}

Result<void> undeploy(const Options& options, World& world, bool json) {
  TRY_ASSIGN(const OpenCluster open, open_cluster(options.cluster, world));
  const std::string& name = options.endpoint.name;
  TRY(rollout::undeploy(open.cluster, name, std::chrono::seconds(options.time_max_s),
                        time_of(world)));
  if (const auto workspace = find_workspace(options, world)) {
    TRY(workspace->set_deployed({options.cluster.target(), name, {}}));
  }
  if (json) {
    return world.out.write(ordered_json({{"endpoint", name}, {"ended", "gone"}}).dump(2) + "\n");
  }
  return world.out.write(fmt::format("endpoint {}: gone, nothing of it is left\n", name));
}

void add_conduct_options(CLI::App& app, Options& options) {
  app.add_flag("--dry-run", options.dry_run, "Show what would change, and change nothing");
  app.add_flag("--wait", options.wait,
               "Until every copy is ready; else go back to what was there before");
  app.add_flag("--no-rollback", options.keep, "Leave what failed as it is, to look at");
  app.add_flag("--force-conflicts", options.force, "Take over fields that others have set");
  app.add_option("--time-max", options.time_max_s, "Seconds to wait at most")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

}  // namespace

Action declare_deploy(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("name", options->endpoint.name,
                 "The endpoint, or without -f the version that it gets: faq, faq:3");
  add_cluster_options(app, options->cluster);
  add_endpoint_options(app, options->endpoint);
  add_conduct_options(app, *options);
  return [options](World& world, const Common& common) {
    return deploy(*options, world, common.json);
  };
}

Action declare_rollback(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("name", options->endpoint.name, "The endpoint")->required();
  add_cluster_options(app, options->cluster);
  add_conduct_options(app, *options);
  add_workspace_option(app, options->endpoint.workspace);
  app.footer("Keys stay as they are: they are not a version's.");
  return [options](World& world, const Common& common) {
    return roll_back(*options, world, common.json);
  };
}

Action declare_undeploy(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("name", options->endpoint.name, "The endpoint")->required();
  add_cluster_options(app, options->cluster);
  app.add_option("--time-max", options->time_max_s, "Seconds to wait at most")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  add_workspace_option(app, options->endpoint.workspace);
  return [options](World& world, const Common& common) {
    return undeploy(*options, world, common.json);
  };
}

}  // namespace cli
