#pragma once

#include <chrono>

namespace net {

// For tests: a deadline that nothing that works meets.
inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

}  // namespace net
