#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace front {

// Small files that belong together and may change at any time: replaced, written over, or a
// folder's symbolic link turned, as Kubernetes does with a mounted Secret. They are compared by
// what they hold, since times and sizes of files cannot be relied on for that, and read, not
// mapped, since they may be cut while they are read. Of one thread.
class WatchedFiles {
 public:
  using Contents = std::vector<std::string>;

  WatchedFiles(std::vector<std::string> paths, std::size_t bytes_max);

  // What the files hold, or why they cannot be read; nothing where that is as it was at the last
  // poll. A file that is half written is news now and again when it is whole.
  std::optional<base::Result<Contents>> poll();

 private:
  const std::vector<std::string> paths_;
  const std::size_t bytes_max_;
  std::optional<base::Digest> last_;
};

}  // namespace front
