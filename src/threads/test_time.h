#pragma once

#include <chrono>

namespace threads {

// For tests: longer than anything that works takes.
inline constexpr auto kLong = std::chrono::seconds(30);

}  // namespace threads
