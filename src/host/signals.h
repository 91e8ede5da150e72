#pragma once

#include <optional>

#include "base/result.h"
#include "host/descriptor.h"

namespace host {

// SIGTERM, SIGINT, SIGHUP and SIGCHLD of this process, read like a file instead of handled: blocked
// here, and in every thread that is started after this.
class Signals {
 public:
  static base::Result<Signals> open();

  int handle() const { return file_.get(); }
  // The next one that has come; does not wait.
  std::optional<int> next();

 private:
  explicit Signals(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace host
