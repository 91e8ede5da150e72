#pragma once

#include "cli/world.h"

namespace cli {

// Runs the command that world.arguments name and gives the exit status. Errors go to world.err as
// `sooth: <message>`, with --json as {"error": {"code": ..., "message": ...}}.
int run(World& world);

}  // namespace cli
