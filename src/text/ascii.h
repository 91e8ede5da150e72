#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// ASCII text eight bytes at a time, in one machine word. Every function that takes a word expects
// its bytes below 0x80 and gives bytes of 0x80 (yes) or 0 (no).
namespace text {

namespace ascii {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kHigh = 0x8080808080808080;

constexpr std::uint64_t every(char byte) { return kOnes * static_cast<unsigned char>(byte); }

constexpr std::uint64_t at_least(std::uint64_t word, char low) {
  return (word + every(static_cast<char>(0x80 - low))) & kHigh;
}

constexpr std::uint64_t between(std::uint64_t word, char low, char high) {
  return at_least(word, low) & ~at_least(word, static_cast<char>(high + 1));
}

// Letters, digits and '_': \w of re.
constexpr std::uint64_t is_word(std::uint64_t word) {
  const std::uint64_t letters = between(word | every(0x20), 'a', 'z');
  const std::uint64_t underscores = ~((word ^ every('_')) + every(0x7F)) & kHigh;
  return letters | between(word, '0', '9') | underscores;
}

constexpr std::uint64_t to_lower(std::uint64_t word) {
  return word + (between(word, 'A', 'Z') >> 2);
}

// Eight yes-or-no bytes as eight bits, the first byte lowest.
constexpr std::uint64_t bits(std::uint64_t yes) { return ((yes >> 7) * 0x0102040810204080) >> 56; }

inline std::uint64_t load(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Fewer than eight bytes, the rest 0.
inline std::uint64_t load(const char* from, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

inline void store(char* to, std::uint64_t word) { std::memcpy(to, &word, sizeof word); }

}  // namespace ascii

// How many bytes at the start of `text` are ASCII.
inline std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + 8 <= text.size()) {
    const std::uint64_t high = ascii::load(text.data() + at) & ascii::kHigh;
    if (high != 0) return at + static_cast<std::size_t>(std::countr_zero(high)) / 8;
    at += 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// Appends the ASCII start of `text` in lower case and gives its length.
inline std::size_t append_ascii_lower(std::string_view text, std::string& out) {
  const std::size_t count = ascii_prefix(text);
  const std::size_t old = out.size();
  out.append(text.substr(0, count));
  char* written = out.data() + old;
  std::size_t at = 0;
  for (; at + 8 <= count; at += 8) {
    ascii::store(written + at, ascii::to_lower(ascii::load(written + at)));
  }
  for (; at < count; ++at) {
    if (written[at] >= 'A' && written[at] <= 'Z') written[at] = static_cast<char>(written[at] + 32);
  }
  return count;
}

}  // namespace text
