#pragma once

#include <set>
#include <string>
#include <utility>

#include "facts.h"

namespace fault {

// What is expected of one operation in one state: that it is done or not done, and nothing else.
struct Case {
  std::string root;
  Facts before;
  Facts after;
  std::set<std::string> files_before;  // Once garbage is collected.
  std::set<std::string> files_after;
};

// Facts and files of the workspace as it lies there, once its garbage is gone; adds to `problems`
// whatever is not as it should be.
std::pair<Facts, std::set<std::string>> look(const std::string& root, std::string& problems);

// What is wrong with the workspace after something happened; empty: nothing. `acknowledged`: the
// operation said that it was done. `done` becomes whether it is.
std::string judge(const Case& the, bool acknowledged, bool& done);

}  // namespace fault
