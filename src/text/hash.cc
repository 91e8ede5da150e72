#include "text/hash.h"

#include <bit>

namespace text {
namespace {

constexpr std::uint32_t kFirst = 0xCC9E2D51;
constexpr std::uint32_t kSecond = 0x1B873593;

}  // namespace

std::int32_t murmur3(std::string_view bytes, std::uint32_t seed) {
  const auto scramble = [](std::uint32_t block) { return std::rotl(block * kFirst, 15) * kSecond; };
  std::uint32_t state = seed;
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t block;
    std::memcpy(&block, bytes.data() + at, sizeof block);
    state = std::rotl(state ^ scramble(block), 13) * 5 + 0xE6546B64;
  }
  std::uint32_t tail = 0;
  if (at < bytes.size()) std::memcpy(&tail, bytes.data() + at, bytes.size() - at);
  state ^= scramble(tail);
  state ^= static_cast<std::uint32_t>(bytes.size());
  state = (state ^ (state >> 16)) * 0x85EBCA6B;
  state = (state ^ (state >> 13)) * 0xC2B2AE35;
  return static_cast<std::int32_t>(state ^ (state >> 16));
}

}  // namespace text
