#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/local_environment.h"
#include "cli/workspace.h"
#include "deploy/endpoint_spec.h"
#include "host/keeper.h"
#include "host/signals.h"
#include "telemetry/log.h"
#include "threads/cpus.h"

namespace cli {
namespace {

struct KeepOptions {
  std::string endpoint;
  std::string workspace;
};

base::Result<void> keep(const KeepOptions& options, World& world) {
  TRY(deploy::check_dns_name(options.endpoint, deploy::kEndpointNameMax));
  // Before any thread is started, so that none takes a signal.
  TRY_ASSIGN(auto signals, host::Signals::open());
  std::string root;
  {
    TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, false));
    root = workspace->root();
  }
  telemetry::Log log({.form = telemetry::Log::Form::Json});
  const host::StateFolder folder(root, options.endpoint);
  TRY_ASSIGN(const auto keeper, host::Keeper::open({.folder = folder,
                                                    .program = world.program,
                                                    .environment = local_environment(world),
                                                    .place = {.workspace = root,
                                                              .keys_file = folder.keys_file(),
                                                              .processors = threads::detect_cpus()},
                                                    .now = world.now},
                                                   std::move(signals), log));
  return keeper->run();
}

}  // namespace

Action declare_keep(CLI::App& app) {
  const auto options = std::make_shared<KeepOptions>();
  app.add_option("endpoint", options->endpoint, "The endpoint, deployed with --to local")
      ->required();
  add_workspace_option(app, options->workspace);
  app.footer(
      "Runs until SIGTERM. sooth deploy --to local starts it in the background; a service manager\n"
      "may run it instead, so that the endpoint is there again when the machine is.");
  return [options](World& world, const Common&) { return keep(*options, world); };
}

}  // namespace cli
