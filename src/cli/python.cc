#include "cli/python.h"

#include <fmt/format.h>

namespace cli {
namespace {

// What a Python of the user's needs to find its packages.
constexpr const char* kPythonVariables[] = {"HOME",           "PATH",        "LANG",
                                            "LC_ALL",         "TMPDIR",      "PYTHONPATH",
                                            "PYTHONHOME",     "VIRTUAL_ENV", "CONDA_PREFIX",
                                            "PYENV_VERSION",  "PYENV_ROOT",  "LD_LIBRARY_PATH",
                                            "OMP_NUM_THREADS"};

}  // namespace

publish::PythonOptions python_of(const std::string& program, const World& world,
                                 std::chrono::steady_clock::duration time_max) {
  publish::PythonOptions python{.program = program,
                                .search_path = world.environment("PATH"),
                                .environment = {},
                                .deadline = world.now() + time_max};
  for (const char* name : kPythonVariables) {
    const std::string value = world.environment(name);
    if (!value.empty()) python.environment.push_back(fmt::format("{}={}", name, value));
  }
  return python;
}

}  // namespace cli
