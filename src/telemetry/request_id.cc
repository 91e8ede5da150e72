#include "telemetry/request_id.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace telemetry {
namespace {

constexpr std::size_t kUuidBytes = 36;

// RFC 9562, section 5.4: 122 random bits, version 4, variant 10.
RequestId make_uuid(const RandomBits& random) {
  constexpr std::uint64_t kVersionBits = 0xF000;
  constexpr std::uint64_t kVariantBits = std::uint64_t{3} << 62U;
  std::array<std::uint64_t, 2> halves = {random(), random()};
  halves[0] = (halves[0] & ~kVersionBits) | 0x4000U;
  halves[1] = (halves[1] & ~kVariantBits) | std::uint64_t{2} << 62U;
  std::array<char, kUuidBytes> text{};
  std::size_t at = 0;
  for (std::size_t digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text[at++] = '-';
    const std::uint64_t value = halves[digit / 16] >> (60 - 4 * (digit % 16)) & 15U;
    text[at++] = "0123456789abcdef"[value];
  }
  return RequestId({text.data(), text.size()});
}

}  // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

RequestId find_request_id(std::string_view sent, const RandomBits& random) {
  return is_request_id(sent) ? RequestId(sent) : make_uuid(random);
}

}  // namespace telemetry
