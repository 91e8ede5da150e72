#pragma once

#include <cstdint>
#include <string>

#include "threads/cgroup.h"

namespace threads {

// The texts of the kernel's files that say how much memory this process may use; empty where a
// file is absent.
struct MemoryLimitFiles {
  std::string v2_max;    // memory.max: "<bytes>" or "max"; beyond it processes are ended.
  std::string v2_high;   // memory.high: likewise; beyond it they are slowed down.
  std::string v1_limit;  // memory.limit_in_bytes: a number beyond all memory is none.
};

// How many bytes can be used: the least limit, at most what the machine has. What cannot be read
// as a limit sets none.
std::uint64_t usable_memory(const MemoryLimitFiles& files, std::uint64_t physical);

// usable_memory() of this process, with the least limit among its cgroup and those above it.
std::uint64_t detect_memory(const CgroupFiles& files = {});

}  // namespace threads
