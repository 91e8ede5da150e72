#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace table {

// How far behind a number's begin its reader may look.
inline constexpr std::size_t kPlainNumberBytes = 40;

namespace plain {

// All powers of ten that a float64 holds exactly and a number below may need.
inline constexpr std::array<double, 17> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
inline constexpr std::array<std::uint64_t, 9> kIntegerPowersOfTen = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
inline constexpr std::uint64_t kExactMax = std::uint64_t{1} << 53;
inline constexpr unsigned kWholeDigitsMax = 15;
inline constexpr unsigned kDigitsMax = 19;  // All integers of so many fit in 64 bits.

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool may_follow_number(char c) { return c == ',' || c == ']' || c == '}' || is_space(c); }

// Eight bytes of text, the first the least.
using Eight = std::uint64_t;
inline constexpr Eight kZeros = 0x3030303030303030;  // "00000000"

inline Eight load(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  Eight eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  return eight;
}

// How many digits there are before the first byte that is none. What a byte carries or borrows
// reaches only those behind it.
inline unsigned leading_digits(Eight eight) {
  const Eight others = ((eight + 0x4646464646464646) | (eight - kZeros)) & 0x8080808080808080;
  return static_cast<unsigned>(std::countr_zero(others)) / 8;
}

// What the first `count` digits come to, two, four and eight together in each step.
inline std::uint64_t value_of(Eight eight, unsigned count) {
  const unsigned half = 4 * (8 - count);  // In two steps: of none, all 64 bits are shifted out.
  Eight digits = ((eight - kZeros) << half) << half;
  digits = digits * 10 + (digits >> 8);
  constexpr Eight kPairs = 0x000000FF000000FF;
  return ((digits & kPairs) * (100 + (std::uint64_t{1'000'000} << 32)) +
          ((digits >> 16) & kPairs) * (1 + (std::uint64_t{10'000} << 32))) >>
         32;
}

}  // namespace plain

// Reads a number of JSON as most are written, digits and perhaps up to 16 more behind a point, that
// make an integer of at most 2^53. Then integer and power of ten are exact, and their quotient is
// the float64 nearest to what is written (Clinger, "How to read floating point numbers accurately",
// 1990). Gives what stands behind it. Nothing: a parser of all numbers is asked instead.
// Precondition: kPlainNumberBytes can be read.
[[gnu::always_inline]] inline const char* read_plain_number(const char* at, double& number) {
  const bool negative = *at == '-';
  if (negative) ++at;
  if (!plain::is_digit(*at)) return nullptr;
  auto integer = static_cast<std::uint64_t>(*at++ - '0');
  unsigned digits = 1;
  // A zero stands alone.
  if (integer != 0) {
    for (; plain::is_digit(*at); ++at) {
      if (++digits > plain::kWholeDigitsMax) return nullptr;
      integer = integer * 10 + static_cast<std::uint64_t>(*at - '0');
    }
  }
  unsigned places = 0;
  if (*at == '.') {
    ++at;
    const plain::Eight first = plain::load(at);
    const plain::Eight second = plain::load(at + 8);
    const unsigned of_first = plain::leading_digits(first);
    if (of_first == 0) return nullptr;
    // Of eight, all; without a branch, since how many digits there are is not to be guessed.
    const unsigned of_second = plain::leading_digits(second) & (0U - of_first / 8);
    places = of_first + of_second;
    if (digits + places > plain::kDigitsMax) return nullptr;
    integer = integer * plain::kIntegerPowersOfTen[of_first] + plain::value_of(first, of_first);
    integer = integer * plain::kIntegerPowersOfTen[of_second] + plain::value_of(second, of_second);
    at += places;
  }
  if (integer > plain::kExactMax || plain::is_digit(*at) || *at == '.' || (*at | 0x20) == 'e') {
    return nullptr;
  }
  const double value = static_cast<double>(integer) / plain::kPowersOfTen[places];
  number = negative ? -value : value;
  return at;
}

// Reads any number of JSON as the nearest float64, and gives what stands behind it. What is too
// small is 0; nothing where there is no number, or one too large for a finite float64.
// Precondition: something that is in no number stands somewhere behind.
const char* read_any_number(const char* at, double& number);

// Whether a number stands there, and something that may stand behind one. simdjson's own get_double
// is not asked: until 3.6.3 it reads numbers of more than 19 digits wrongly (its issue 2093).
// Preconditions: as of both functions above.
inline bool read_number(const char* at, double& number) {
  const char* behind = read_plain_number(at, number);
  if (behind == nullptr) behind = read_any_number(at, number);
  return behind != nullptr && plain::may_follow_number(*behind);
}

// Whether the array that begins there is one of numbers alone, each of which `take` accepts; it is
// given them in their order until it gives false. Precondition: a bracket or brace that closes
// stands somewhere behind, and kPlainNumberBytes more can be read.
template <typename Take>
bool read_numbers(const char* at, const Take& take) {
  if (*at != '[') return false;
  do {
    do ++at;
    while (plain::is_space(*at));
    double number = 0;
    const char* const begin = at;
    at = read_plain_number(begin, number);
    if (at == nullptr) at = read_any_number(begin, number);
    if (at == nullptr || !take(number)) return false;
    while (plain::is_space(*at)) ++at;
  } while (*at == ',');
  return *at == ']';
}

}  // namespace table
