#pragma once

#include <cstddef>

// For tests: what the program has allocated by `new`, where no sanitizer does that by itself.
// Defined in front_test.cc.

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
#define SOOTH_COUNTS_ALLOCATIONS 1
#elif !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define SOOTH_COUNTS_ALLOCATIONS 1
#endif
#endif

namespace front::testing {

std::size_t live_bytes();

// The most that was there at once since it was made, beyond what was there then.
class AllocationPeak {
 public:
  AllocationPeak();
  std::size_t bytes() const;

 private:
  std::size_t before_;
};

}  // namespace front::testing
