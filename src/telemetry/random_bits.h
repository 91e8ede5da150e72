#pragma once

#include <cstdint>
#include <functional>

namespace telemetry {

// 64 bits for the ids of requests and traces: no two alike, but no secrets, and nothing that has to
// be one is made of them. Passed in, so that tests know what comes.
using RandomBits = std::function<std::uint64_t()>;

// Of a generator that each thread has for itself, seeded by the system when it is first asked: no
// system call and no lock after that.
std::uint64_t fast_random_bits();

}  // namespace telemetry
