#include "table/json_numbers.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace table {
namespace {

// Behind the digits there; nothing where there is none.
const char* skip_digits(const char* at) {
  if (!plain::is_digit(*at)) return nullptr;
  while (plain::is_digit(*at)) ++at;
  return at;
}

// As RFC 8259 has it: std::from_chars knows more, such as "inf", ".5" and "007".
const char* skip_number(const char* at) {
  if (*at == '-') ++at;
  at = *at == '0' ? at + 1 : skip_digits(at);
  if (at != nullptr && *at == '.') at = skip_digits(at + 1);
  if (at != nullptr && (*at == 'e' || *at == 'E')) {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    at = skip_digits(at);
  }
  return at;
}

// Of a number that is out of float64's range, whether it is too small. Its first digit that is not
// 0 tells, by where it stands; an exponent is cut where it cannot matter, since no text is so long.
bool is_too_small(const char* at, const char* end) {
  constexpr std::int64_t kExponentMax = std::int64_t{1} << 50;
  std::int64_t place = 0;  // Of that digit: 0 is the first behind the point.
  bool found = false;
  bool behind_point = false;
  for (; at != end && *at != 'e' && *at != 'E'; ++at) {
    if (*at == '.') behind_point = true;
    if (!plain::is_digit(*at)) continue;
    found = found || *at != '0';
    if (found != behind_point) place += behind_point ? -1 : 1;
  }
  if (at == end) return place <= 0;
  const bool negative = *++at == '-';
  std::int64_t exponent = 0;
  for (; at != end; ++at) {
    if (plain::is_digit(*at)) exponent = std::min(kExponentMax, exponent * 10 + (*at - '0'));
  }
  return place + (negative ? -exponent : exponent) <= 0;
}

}  // namespace

const char* read_any_number(const char* at, double& number) {
  const char* const end = skip_number(at);
  if (end == nullptr) return nullptr;
  const auto [behind, error] = std::from_chars(at, end, number);
  if (error == std::errc()) return behind == end ? end : nullptr;
  if (error != std::errc::result_out_of_range || !is_too_small(at, end)) return nullptr;
  number = *at == '-' ? -0.0 : 0.0;
  return end;
}

}  // namespace table
