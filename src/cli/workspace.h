#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/world.h"
#include "workspace/workspace.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// `--workspace`, which every command that needs one has.
void add_workspace_option(CLI::App& app, std::string& workspace);

// The folder of the workspace that was named: by the option, else by SOOTH_WORKSPACE, else the
// user's own, $XDG_DATA_HOME/sooth or ~/.local/share/sooth. It may not be there yet.
base::Result<std::string> workspace_root(const std::string& option, const World& world);
// A folder, and those above it that are not there yet.
base::Result<void> make_folders(const std::string& path);

base::Result<std::unique_ptr<workspace::Workspace>> open_workspace(const std::string& option,
                                                                   World& world, bool create);

// Forgets what the workspace was told of an endpoint on a target; whether there was anything.
base::Result<bool> forget_deployed(workspace::Workspace& workspace, const std::string& target,
                                   const std::string& endpoint);

// "2026-05-01T12:00:00Z" of milliseconds since 1970.
std::string utc_text(std::int64_t milliseconds);

}  // namespace cli
