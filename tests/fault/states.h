#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace fault {

// A command whose interruption is tried. Another one is one more line in operations().
struct Operation {
  const char* name;
  std::vector<std::string> arguments;  // Without --workspace.
  bool needs_versions;                 // Cannot succeed in an empty workspace.
  bool repeats;                        // Done again it succeeds again.
  bool makes = false;                  // Makes the workspace where it is absent.
  // Names of the states in which it is tried; empty: all that suit it.
  std::vector<std::string> only = {};
};
// `image` is what is pulled: a model of the name "pulled".
std::vector<Operation> operations(const std::string& image);

// A workspace in which operations start.
struct State {
  const char* name;
  void (*make)(const std::string& root, const std::string& scratch);
  bool is_there = true;
  int versions = 0;    // Of the model "m".
  int points = 500;    // At least so many are tried in it.
  bool alone = false;  // Only those operations that name it are tried in it.
};
std::vector<State> states();
inline void PrintTo(const State& state, std::ostream* out) { *out << state.name; }

// Three versions, keys of two clients and two deployments.
void make_guarded(const std::string& root, const std::string& scratch);
// The client's first key in it.
inline constexpr const char* kGuardedKey = "aaaaaaaaaaaaaaaa";

// A file of the models that the scenarios use.
std::string model_file(const std::string& name);

// Runs the program to its end; throws where it does not succeed.
void run(const std::vector<std::string>& arguments, const std::string& root,
         const std::string& scratch);

// The arguments with the workspace among them.
std::vector<std::string> in(const std::string& root, std::vector<std::string> arguments);

}  // namespace fault
