#pragma once

#include <string>

#include "threads/cgroup.h"

namespace threads {

// The texts of the kernel's files that say how much processor time this process may use; empty
// where a file is absent.
struct CpuQuotaFiles {
  std::string v2_max;     // cpu.max: "<quota or max> <period>"
  std::string v1_quota;   // cpu.cfs_quota_us: -1 is none
  std::string v1_period;  // cpu.cfs_period_us
};

// How many threads can run at once: the quota rounded up, at most the processors this process
// may be scheduled on, at least 1. What cannot be read as a quota sets none.
int usable_cpus(const CpuQuotaFiles& files, int schedulable);

// usable_cpus() of this process, with the least quota among its cgroup and those above it.
int detect_cpus(const CgroupFiles& files = {});

}  // namespace threads
