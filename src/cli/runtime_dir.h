#pragma once

#include <string>

#include "base/result.h"
#include "cli/world.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// `--runtime-dir`, which every command has that loads or installs a runtime of networks.
void add_runtime_dir_option(CLI::App& app, std::string& runtime_dir);

// The folder of runtimes that was named: by the option, else by SOOTH_RUNTIME_DIR, else the user's
// own, $XDG_DATA_HOME/sooth/runtime or ~/.local/share/sooth/runtime. It may not be there yet.
base::Result<std::string> find_runtime_dir(const std::string& option, const World& world);

}  // namespace cli
