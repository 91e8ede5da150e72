#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "host/descriptor.h"

namespace host {

// Held by the keeper of an endpoint for as long as it lives, however it ends. The kernel knows who
// holds it, so that nobody signals a process by a number that was written down long ago. By
// fcntl(2), so the holder must not open the file a second time.
class KeeperLock {
 public:
  // Nothing where another process holds it.
  static base::Result<std::optional<KeeperLock>> take(const std::string& path);

 private:
  explicit KeeperLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

// Who holds the lock; nothing where nobody does, or there is no such file.
base::Result<std::optional<pid_t>> find_holder(const std::string& path);

// Sends the signal to whoever holds the lock, and to nobody else. False: nobody holds it.
base::Result<bool> signal_holder(const std::string& path, int signal);

}  // namespace host
