#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/workspace.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

struct Options {
  std::string workspace;
  bool repair = false;
};

Result<void> examine(const Options& options, World& world, bool json) {
  TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, false));
  std::vector<std::string> repaired;
  if (options.repair) {
    TRY_ASSIGN(repaired, workspace->repair());
  }
  Progress progress(world);
  TRY_ASSIGN(const auto health,
             workspace->examine([&](std::uint64_t bytes) { progress.bytes("read", bytes, 0); }));
  progress.clear();
  if (json) {
    const ordered_json body = {{"versions", health.versions},
                               {"blobs", health.blobs},
                               {"bytes", health.bytes},
                               {"repaired", repaired},
                               {"index_repaired", health.index_repaired},
                               {"problems", health.problems}};
    TRY(world.out.write(body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"));
  } else {
    std::string text;
    for (const std::string& each : repaired) text += base::printable(each) + "\n";
    text += fmt::format("{} versions, {} blobs, {} read\n", health.versions, health.blobs,
                        base::human_bytes(health.bytes));
    if (health.index_repaired) text += "index.json repaired\n";
    for (const std::string& each : health.problems) text += base::printable(each) + "\n";
    TRY(world.out.write(text));
  }
  if (health.problems.empty()) return {};
  return Error(
      Code::Corrupt,
      fmt::format("workspace {}: expected it whole, got {} problems; register or pull a "
                  "broken version again; sooth doctor --repair makes keys and deployments anew",
                  base::quote(workspace->root()), health.problems.size()));
}

}  // namespace

Action declare_doctor(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_flag("--repair", options->repair,
               "Make keys and deployments anew from the log, where they are not as it says; a key "
               "that is lost is revoked");
  add_workspace_option(app, options->workspace);
  app.footer("Reads every byte and checks it against its digest, and the log against its hashes.");
  return [options](World& world, const Common& common) {
    return examine(*options, world, common.json);
  };
}

}  // namespace cli
