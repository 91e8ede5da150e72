#include "threads/cpus.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <sched.h>

#include "base/number.h"
#include "base/text.h"

namespace threads {
namespace {

// Processors that a quota of `quota` microseconds in each `period` keeps busy.
std::optional<int> cpus_of(std::string_view quota, std::string_view period) {
  const auto used = base::parse_int(base::trim(quota));
  const auto of = base::parse_int(base::trim(period));
  if (!used || !of || *used <= 0 || *of <= 0) return std::nullopt;
  const std::int64_t cpus = (*used - 1) / *of + 1;
  return static_cast<int>(std::min<std::int64_t>(cpus, 1 << 20));
}

int schedulable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

}  // namespace

int usable_cpus(const CpuQuotaFiles& files, int schedulable) {
  int cpus = std::max(schedulable, 1);
  const std::string_view v2 = base::trim(files.v2_max);
  if (const std::size_t gap = v2.find(' '); gap != std::string_view::npos) {
    cpus = std::min(cpus, cpus_of(v2.substr(0, gap), v2.substr(gap)).value_or(cpus));
  }
  return std::min(cpus, cpus_of(files.v1_quota, files.v1_period).value_or(cpus));
}

int detect_cpus(const CgroupFiles& files) {
  int cpus = schedulable_cpus();
  each_cgroup_up(files, "", [&](const std::string& folder) {
    cpus = usable_cpus(
        {.v2_max = read_cgroup_file(folder + "/cpu.max"), .v1_quota = "", .v1_period = ""}, cpus);
  });
  each_cgroup_up(files, "cpu", [&](const std::string& folder) {
    cpus = usable_cpus({.v2_max = "",
                        .v1_quota = read_cgroup_file(folder + "/cpu.cfs_quota_us"),
                        .v1_period = read_cgroup_file(folder + "/cpu.cfs_period_us")},
                       cpus);
  });
  return cpus;
}

}  // namespace threads
