#include "cli/workspace.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/text.h"

namespace cli {
namespace {

using base::Code;
using base::Error;

}  // namespace

base::Result<void> make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    TRY(base::make_folder(path.substr(0, at)));
  }
  return base::make_folder(path);
}

base::Result<std::string> workspace_root(const std::string& option, const World& world) {
  std::string root = option.empty() ? variable_of(world, "SOOTH_WORKSPACE") : option;
  if (!root.empty()) return root;
  const std::string data = variable_of(world, "XDG_DATA_HOME");
  const std::string home = variable_of(world, "HOME");
  if (data.empty() && home.empty()) {
    return Error(Code::Invalid, "workspace: expected --workspace, since HOME is not set");
  }
  return (data.empty() ? home + "/.local/share" : data) + "/sooth";
}

void add_workspace_option(CLI::App& app, std::string& workspace) {
  app.add_option("--workspace", workspace,
                 "Folder of the workspace (default: SOOTH_WORKSPACE, else the user's own)");
}

base::Result<std::unique_ptr<workspace::Workspace>> open_workspace(const std::string& option,
                                                                   World& world, bool create) {
  TRY_ASSIGN(const std::string root, workspace_root(option, world));
  if (create) TRY(make_folders(root));
  const auto now = [&world] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               world.wall_now().time_since_epoch())
        .count();
  };
  workspace::Workspace::Options options{
      .root = root, .who = world.user, .now = now, .create = create};
  options.patience.on_wait = [&world, root](const std::string& holder) {
    if (!world.err_is_terminal) return;
    static_cast<void>(
        world.err.write(fmt::format("workspace {}: waiting for {}\n", base::quote(root), holder))
            .ok());
  };
  return workspace::Workspace::open(std::move(options));
}

base::Result<bool> forget_deployed(workspace::Workspace& workspace, const std::string& target,
                                   const std::string& endpoint) {
  TRY_ASSIGN(const auto all, workspace.deployed());
  const bool known = std::any_of(all.begin(), all.end(), [&](const workspace::Deployed& each) {
    return each.target == target && each.endpoint == endpoint;
  });
  if (known) TRY(workspace.set_deployed({target, endpoint, {}}));
  return known;
}

std::string utc_text(std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  const std::tm at = fmt::gmtime(seconds);
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"), at.tm_year + 1900,
                     at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec);
}

}  // namespace cli
