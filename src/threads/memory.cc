#include "threads/memory.h"

#include <algorithm>

#include <unistd.h>

#include "base/number.h"
#include "base/text.h"

namespace threads {
namespace {

std::uint64_t physical_memory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

}  // namespace

std::uint64_t usable_memory(const MemoryLimitFiles& files, std::uint64_t physical) {
  std::uint64_t bytes = physical;
  for (const std::string* text : {&files.v2_max, &files.v2_high, &files.v1_limit}) {
    const auto limit = base::parse_int(base::trim(*text));
    if (limit && *limit > 0) bytes = std::min(bytes, static_cast<std::uint64_t>(*limit));
  }
  return bytes;
}

std::uint64_t detect_memory(const CgroupFiles& files) {
  std::uint64_t bytes = physical_memory();
  each_cgroup_up(files, "", [&](const std::string& folder) {
    bytes = usable_memory({.v2_max = read_cgroup_file(folder + "/memory.max"),
                           .v2_high = read_cgroup_file(folder + "/memory.high"),
                           .v1_limit = ""},
                          bytes);
  });
  each_cgroup_up(files, "memory", [&](const std::string& folder) {
    bytes = usable_memory({.v2_max = "",
                           .v2_high = "",
                           .v1_limit = read_cgroup_file(folder + "/memory.limit_in_bytes")},
                          bytes);
  });
  return bytes;
}

}  // namespace threads
