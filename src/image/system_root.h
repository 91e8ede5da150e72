#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace image {

// The files of a system that is unpacked in a folder; "/" is this machine. Paths are absolute as
// the system itself sees them, and links in it lead nowhere else.
class SystemRoot {
 public:
  explicit SystemRoot(std::string folder);

  // The path with every link followed, or nothing where nothing is.
  std::optional<std::string> find_real(std::string_view path) const;

  base::Result<std::shared_ptr<const base::MappedFile>> open(std::string_view path) const;

  // Names in a folder, sorted; empty where there is no such folder.
  std::vector<std::string> list(std::string_view path) const;

 private:
  std::string folder_;  // Without a '/' at the end.
};

// "/a/b" of "/a/b/c"; "/" of "/a".
std::string_view parent_of(std::string_view path);
std::string_view name_of(std::string_view path);

}  // namespace image
