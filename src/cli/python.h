#pragma once

#include <chrono>
#include <string>

#include "cli/world.h"
#include "publish/python.h"

namespace cli {

// The user's own Python: with what it needs to find its packages, and no more of the environment.
publish::PythonOptions python_of(const std::string& program, const World& world,
                                 std::chrono::steady_clock::duration time_max);

}  // namespace cli
