#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "cli/world.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// What all commands share.
struct Common {
  bool json = false;  // Answers and errors as JSON.
};

// A command that was given, with its options: what is left is to run it.
using Action = std::function<base::Result<void>(World&, const Common&)>;

// One command. `declare` adds its options to `app`; the action it gives is run where the command
// was named, after the options have their values.
struct Command {
  std::string_view name;
  std::string_view summary;
  Action (*declare)(CLI::App& app);
};

// Every command, in the order in which help lists them.
std::span<const Command> commands();

Action declare_build(CLI::App& app);
Action declare_deploy(CLI::App& app);
Action declare_doctor(CLI::App& app);
Action declare_engines(CLI::App& app);
Action declare_inspect(CLI::App& app);
Action declare_keep(CLI::App& app);
Action declare_keys(CLI::App& app);
Action declare_login(CLI::App& app);
Action declare_logs(CLI::App& app);
Action declare_models(CLI::App& app);
Action declare_predict(CLI::App& app);
Action declare_pull(CLI::App& app);
Action declare_push(CLI::App& app);
Action declare_quantize(CLI::App& app);
Action declare_register(CLI::App& app);
Action declare_render(CLI::App& app);
Action declare_rollback(CLI::App& app);
Action declare_score(CLI::App& app);
Action declare_serve(CLI::App& app);
Action declare_status(CLI::App& app);
Action declare_undeploy(CLI::App& app);
Action declare_version(CLI::App& app);
// `sooth --version` too.
base::Result<void> print_version(World& world, const Common& common);

}  // namespace cli
