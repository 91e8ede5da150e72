#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "host/descriptor.h"

namespace host {

// A process that serves, started without a shell.
struct ChildRequest {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<int> listeners;            // Passed on, by sd_listen_fds(3).
  int output = -1;                       // Takes its standard output and error.
  bool outlives = false;  // In a session of its own, instead of dying with this process.
};

// What starts it must be the main thread where it is to die with this process: the kernel counts
// threads. It has no descriptors but those that are passed on, and default signals.
base::Result<pid_t> start_child(const ChildRequest& request);

struct ChildEnd {
  int status = 0;
  int signal = 0;  // 0: it ended by itself.
};
// Whether it has ended; does not wait. Once it has, its number may be another's.
std::optional<ChildEnd> find_end(pid_t child);

}  // namespace host
