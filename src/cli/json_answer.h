#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "cli/world.h"

namespace cli {

// Writes what a command answers under --json. What is not UTF-8 in it is replaced.
base::Result<void> write_json(World& world, const nlohmann::ordered_json& body);

}  // namespace cli
