#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/system_root.h"

namespace image {

// A package of Debian's, as the system's dpkg knows it.
struct DebianPackage {
  std::string name;
  std::string version;
  std::string architecture;

  bool operator==(const DebianPackage&) const = default;
};

// Which package each of the paths belongs to. A path that belongs to none, or a system without
// dpkg, gives no entry. Packages from before /lib moved into /usr list their files by the old
// names, so both are looked for.
std::map<std::string, DebianPackage> find_owners(const SystemRoot& root,
                                                 const std::vector<std::string>& paths);

// The package of that name where it is installed (of the first architecture).
std::optional<DebianPackage> find_package(const SystemRoot& root, std::string_view name);

}  // namespace image
