#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace publish {

// The user's own Python, and how long it may take.
struct PythonOptions {
  std::string program;                   // Path, or a name that is looked for in search_path.
  std::string search_path;               // As in PATH.
  std::vector<std::string> environment;  // "NAME=value"; nothing else is passed on.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

// What is asked of it.
struct PythonCall {
  std::string_view script;
  std::string input;  // Of its standard input.
  std::size_t output_bytes_max = 0;
  std::string_view expected;  // For messages: "it to load and run the model".
};

// What the script wrote, in a process of its own. NotFound: no such Python · Unavailable: it ended
// otherwise than with 0, with the last line that it said · Deadline, Exhausted: it was ended.
base::Result<std::string> run_python(const PythonOptions& options, PythonCall call);

// The names and versions that a script tells, its Python first, for people: "numpy 2.4 and
// scikit-learn 1.9 under CPython 3.11". Throws what the JSON library throws where they are no
// pairs.
std::string name_versions(const nlohmann::json& versions);

}  // namespace publish
