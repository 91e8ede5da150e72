#pragma once

#include <string>
#include <vector>

#include "cli/world.h"

namespace cli {

// What processes of an endpoint on this machine see of the environment, besides what the endpoint
// file gives them: "NAME=value".
std::vector<std::string> local_environment(const World& world);

}  // namespace cli
