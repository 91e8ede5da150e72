#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace cli {
namespace {

constexpr std::string_view kVersion = SOOTH_VERSION;

}  // namespace

base::Result<void> print_version(World& world, const Common& common) {
  return world.out.write(common.json ? fmt::format("{{\"version\": \"{}\"}}\n", kVersion)
                                     : fmt::format("sooth {}\n", kVersion));
}

Action declare_version(CLI::App&) { return print_version; }

}  // namespace cli
