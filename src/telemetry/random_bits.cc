#include "telemetry/random_bits.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <random>

#include <sys/random.h>

namespace telemetry {
namespace {

constexpr std::size_t kSeedWords = 16;
using SeedWords = std::array<std::uint32_t, kSeedWords>;

std::mt19937_64 seeded_generator() {
  static std::atomic<std::uint32_t> threads = 0;
  SeedWords words{};
  ssize_t got = 0;
  do {
    got = ::getrandom(words.data(), sizeof words, 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof words)) {
    // Where a sandbox forbids the call: ids that differ by thread and by where the program lies
    // are better than no answer.
    const auto place = reinterpret_cast<std::uintptr_t>(&words);
    words[0] ^= static_cast<std::uint32_t>(place);
    words[1] ^= static_cast<std::uint32_t>(place >> 32U);
  }
  words[2] += threads.fetch_add(1);
  std::seed_seq seed(words.begin(), words.end());
  return std::mt19937_64(seed);
}

}  // namespace

std::uint64_t fast_random_bits() {
  thread_local std::mt19937_64 generator = seeded_generator();
  return generator();
}

}  // namespace telemetry
