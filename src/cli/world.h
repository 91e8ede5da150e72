#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/source.h"

namespace engine {
class Loader;
}

namespace cli {

// Where a command writes to.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  virtual base::Result<void> write(std::string_view text) = 0;
};

// What the command line sees of the world; made by main, and by tests.
struct World {
  std::vector<std::string> arguments;  // Without the name of the program.
  table::Source& in;
  Sink& out;
  Sink& err;
  bool err_is_terminal = false;
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<std::chrono::system_clock::time_point()> wall_now;
  std::string program;  // Path of this program's own file.
  std::string user;     // Who runs the command, as the change log names them.
  // The value of a variable; empty where it is not set.
  std::function<std::string(const std::string&)> environment;
  int pid = 0;  // Of this process.
  // What networks are loaded with; null: there are none.
  const engine::Loader* networks = nullptr;
};

// The value of a variable; empty where it is not set, or where there is no environment at all.
inline std::string variable_of(const World& world, const char* name) {
  return world.environment ? world.environment(name) : "";
}

}  // namespace cli
