#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace text {

namespace hash {

// Odd, and half of their bits set.
inline constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
inline constexpr std::uint64_t kSecond = 0xC2B2AE3D27D4EB4F;

template <typename T>
std::uint64_t load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// The two halves of the 128-bit product, folded.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace hash

// A quick 64-bit hash of a term: one or two multiplications for terms of up to 16 bytes. Not
// secret; who uses it bounds what collisions cost.
inline std::uint64_t hash_term(std::string_view term, std::uint64_t seed) {
  const char* at = term.data();
  std::size_t left = term.size();
  std::uint64_t state = seed ^ (hash::kFirst * (left + 1));
  while (left > 16) {
    state = hash::mix(hash::load<std::uint64_t>(at) ^ hash::kSecond,
                      hash::load<std::uint64_t>(at + 8) ^ state);
    at += 16;
    left -= 16;
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {
    low = hash::load<std::uint64_t>(at);
    high = hash::load<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    low = hash::load<std::uint32_t>(at);
    high = hash::load<std::uint32_t>(at + left - 4);
  } else if (left > 0) {
    low = hash::load<std::uint8_t>(at) | hash::load<std::uint8_t>(at + left / 2) << 8 |
          hash::load<std::uint8_t>(at + left - 1) << 16;
  }
  return hash::mix(hash::kFirst ^ hash::mix(low ^ hash::kSecond, high ^ state),
                   hash::kSecond ^ state);
}

// MurmurHash3_x86_32 (Appleby, public domain), as the signed number that scikit-learn's
// murmurhash3_bytes_s32 gives.
std::int32_t murmur3(std::string_view bytes, std::uint32_t seed);

// The column of `features` that a hash means: |hash| % features; |-2^31|, which is no int32, by way
// of the number before it, as scikit-learn's _hashing_fast.pyx does.
inline std::uint32_t hashed_column(std::int32_t hash, std::uint32_t features) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();
  if (hash == std::numeric_limits<std::int32_t>::min()) return (kMost - (features - 1)) % features;
  return static_cast<std::uint32_t>(hash < 0 ? -hash : hash) % features;
}

}  // namespace text
