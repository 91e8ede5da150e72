#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/endpoint.h"
#include "cli/json_answer.h"
#include "cli/target.h"
#include "cli/workspace.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

struct DeployOptions {
  EndpointFlags endpoint;
  TargetFlags target;
  Conduct conduct;
  bool forget = false;
};

Result<void> say_plan(const PlannedChange& change, World& world) {
  std::string text = deploy::to_text(change.changes());
  for (const std::string& each : change.advice()) text += fmt::format("note: {}\n", each);
  return world.out.write(base::printable_lines(text));
}

struct Ended {
  std::string_view how;
  std::string url;  // Empty: not known.
};

Result<void> say_end(const PlannedChange& change, const Ended& ended, World& world, bool json) {
  if (!json) {
    const std::string at = ended.url.empty() ? "" : " at " + ended.url;
    return world.out.write(fmt::format("endpoint {}: {}{}\n", change.endpoint(), ended.how, at));
  }
  ordered_json body = {{"endpoint", change.endpoint()},
                       {"changes", deploy::to_json(change.changes())},
                       {"advice", change.advice()},
                       {"ended", ended.how}};
  if (!ended.url.empty()) body["url"] = ended.url;
  return write_json(world, body);
}

// Shows the plan, has the target check it, and carries it out.
Result<void> conduct(PlannedChange& change, const Conduct& how, World& world, bool json) {
  if (!json) TRY(say_plan(change, world));
  TRY(change.check(how));
  if (how.dry_run) return say_end(change, {"nothing was changed", ""}, world, json);
  TRY_ASSIGN(std::string url, change.carry_out(how));
  return say_end(change, {how.wait ? "ready" : "applied", std::move(url)}, world, json);
}

Result<void> deploy_endpoint(const DeployOptions& options, World& world, bool json) {
  TargetFlags flags = options.target;
  flags.workspace = options.endpoint.workspace;
  TRY_ASSIGN(const auto target, open_target(flags, world));
  TRY_ASSIGN(const auto change, target->plan_deploy(options.endpoint, options.conduct.dry_run));
  return conduct(*change, options.conduct, world, json);
}

Result<void> roll_back(const DeployOptions& options, World& world, bool json) {
  TRY_ASSIGN(const auto target, open_target(options.target, world));
  TRY_ASSIGN(const auto change, target->plan_rollback(options.endpoint.name));
  return conduct(*change, options.conduct, world, json);
}

// A cluster that is not there any more cannot be asked.
Result<void> forget(const DeployOptions& options, World& world) {
  TRY_ASSIGN(const std::string target, cluster_name(options.target));
  TRY_ASSIGN(const auto workspace, open_workspace(options.target.workspace, world, false));
  const std::string& name = options.endpoint.name;
  TRY_ASSIGN(const bool known, forget_deployed(*workspace, target, name));
  if (known) return {};
  return Error(Code::NotFound, fmt::format("endpoint {}: the workspace knows of none on {}",
                                           base::quote(name), target));
}

Result<void> undeploy(const DeployOptions& options, World& world, bool json) {
  const std::string& name = options.endpoint.name;
  if (options.forget) {
    TRY(forget(options, world));
  } else {
    TRY_ASSIGN(const auto target, open_target(options.target, world));
    TRY(target->undeploy(name, std::chrono::seconds(options.conduct.time_max_s)));
  }
  const std::string_view ended = options.forget ? "forgotten" : "gone";
  if (json) {
    return world.out.write(ordered_json({{"endpoint", name}, {"ended", ended}}).dump(2) + "\n");
  }
  return world.out.write(fmt::format("endpoint {}: {}\n", name,
                                     options.forget ? ended : "gone, nothing of it is left"));
}

void add_time_max(CLI::App& app, Conduct& conduct) {
  app.add_option("--time-max", conduct.time_max_s, "Seconds to wait at most")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

void add_conduct_options(CLI::App& app, Conduct& conduct) {
  app.add_flag("--dry-run", conduct.dry_run, "Show what would change, and change nothing");
  app.add_flag("--wait", conduct.wait,
               "Until every copy is ready; else go back to what was there before");
  app.add_flag("--no-rollback", conduct.keep, "Leave what failed as it is, to look at");
  app.add_flag("--force-conflicts", conduct.force, "Take over fields that others have set");
  add_time_max(app, conduct);
}

}  // namespace

Action declare_deploy(CLI::App& app) {
  const auto options = std::make_shared<DeployOptions>();
  app.add_option("name", options->endpoint.name,
                 "The endpoint, or without -f the version that it gets: faq, faq:3");
  add_target_options(app, options->target);
  add_endpoint_options(app, options->endpoint);
  app.add_option("--port", options->endpoint.port,
                 "Port of this machine, for --to local (default: 8080 or the next free one)")
      ->check(CLI::Range(1, 65'535));
  add_conduct_options(app, options->conduct);
  return [options](World& world, const Common& common) {
    return deploy_endpoint(*options, world, common.json);
  };
}

Action declare_rollback(CLI::App& app) {
  const auto options = std::make_shared<DeployOptions>();
  app.add_option("name", options->endpoint.name, "The endpoint")->required();
  add_target_options(app, options->target);
  add_conduct_options(app, options->conduct);
  add_workspace_option(app, options->target.workspace);
  app.footer("Keys stay as they are: they are not a version's.");
  return [options](World& world, const Common& common) {
    return roll_back(*options, world, common.json);
  };
}

Action declare_undeploy(CLI::App& app) {
  const auto options = std::make_shared<DeployOptions>();
  app.add_option("name", options->endpoint.name, "The endpoint")->required();
  add_target_options(app, options->target);
  add_time_max(app, options->conduct);
  app.add_flag("--forget", options->forget,
               "Ask no cluster, which is not there any more: forget in the workspace alone");
  add_workspace_option(app, options->target.workspace);
  return [options](World& world, const Common& common) {
    return undeploy(*options, world, common.json);
  };
}

}  // namespace cli
