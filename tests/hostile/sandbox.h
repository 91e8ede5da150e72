#pragma once

#include <functional>
#include <string>

namespace hostile {

// How a child process ended.
struct Ended {
  int signal = 0;  // 0: it returned
  int status = 0;
  std::string said;
};

// Runs `work` in a child under a seccomp filter that kills the whole process at the first system
// call by which a file could do harm: starting programs or processes, sockets, tracing, and
// opening, creating, removing or renaming any file at all. `prepare` runs in the child before
// the filter is on. What `work` returns comes back as `said`.
Ended run_confined(const std::function<void()>& prepare, const std::function<std::string()>& work);

}  // namespace hostile
