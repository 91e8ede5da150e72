#include "cli/runtime_dir.h"

#include <CLI/CLI.hpp>

namespace cli {

void add_runtime_dir_option(CLI::App& app, std::string& runtime_dir) {
  app.add_option("--runtime-dir", runtime_dir,
                 "Folder of the runtimes (default: SOOTH_RUNTIME_DIR, else the user's own)");
}

base::Result<std::string> find_runtime_dir(const std::string& option, const World& world) {
  const std::string named = option.empty() ? variable_of(world, "SOOTH_RUNTIME_DIR") : option;
  if (!named.empty()) return named;
  const std::string data = variable_of(world, "XDG_DATA_HOME");
  const std::string home = variable_of(world, "HOME");
  if (data.empty() && home.empty()) {
    return base::Error(base::Code::Invalid,
                       "runtimes: expected --runtime-dir, since HOME is not set");
  }
  return (data.empty() ? home + "/.local/share" : data) + "/sooth/runtime";
}

}  // namespace cli
