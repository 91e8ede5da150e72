#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace serve {

// What a deployment has done so far, as the statistics extension of the Open Inference Protocol
// tells it. Any thread may add and read; sums never go down.
class Statistics {
 public:
  struct Sum {
    std::atomic<std::uint64_t> count = 0;
    std::atomic<std::uint64_t> ns = 0;

    void add(std::chrono::nanoseconds took) {
      count.fetch_add(1, std::memory_order_relaxed);
      ns.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
    }
  };

  Sum success;  // From the whole request to the whole answer.
  Sum fail;
  Sum queue;
  Sum decode;
  Sum compute;
  Sum encode;
  std::atomic<std::uint64_t> rows = 0;
  std::atomic<std::int64_t> last_ms = 0;  // Since 1970; 0: nothing was scored yet.
};

}  // namespace serve
