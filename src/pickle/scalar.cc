#include "pickle/scalar.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.h"

namespace pickle {
namespace {

template <typename T>
T load(const DType& dtype, const std::byte* at) {
  std::byte raw[sizeof(T)];
  std::memcpy(raw, at, sizeof(T));
  if (dtype.order == '>') std::reverse(raw, raw + sizeof(T));
  T value;
  std::memcpy(&value, raw, sizeof(T));
  return value;
}

}  // namespace

double half_to_double(std::uint16_t bits) {
  const unsigned exponent = (bits >> 10U) & 31U;
  const double fraction = bits & 1023U;
  double magnitude;
  if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else if (exponent == 31) {
    magnitude = fraction == 0 ? HUGE_VAL : std::nan("");
  } else {
    magnitude = std::ldexp(fraction + 1024, static_cast<int>(exponent) - 25);
  }
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

std::optional<std::int64_t> element_int64(const DType& dtype, const std::byte* at) {
  switch (dtype.kind) {
    case 'b': return *at == std::byte{0} ? 0 : 1;
    case 'i':
      switch (dtype.size) {
        case 1: return load<std::int8_t>(dtype, at);
        case 2: return load<std::int16_t>(dtype, at);
        case 4: return load<std::int32_t>(dtype, at);
        case 8: return load<std::int64_t>(dtype, at);
        default: return std::nullopt;
      }
    case 'u':
      switch (dtype.size) {
        case 1: return load<std::uint8_t>(dtype, at);
        case 2: return load<std::uint16_t>(dtype, at);
        case 4: return load<std::uint32_t>(dtype, at);
        case 8: {
          const auto value = load<std::uint64_t>(dtype, at);
          if (value > INT64_MAX) return std::nullopt;
          return static_cast<std::int64_t>(value);
        }
        default: return std::nullopt;
      }
    default: return std::nullopt;
  }
}

std::optional<double> element_double(const DType& dtype, const std::byte* at) {
  if (dtype.kind == 'f') {
    switch (dtype.size) {
      case 2: return half_to_double(load<std::uint16_t>(dtype, at));
      case 4: return load<float>(dtype, at);
      case 8: return load<double>(dtype, at);
      default: return std::nullopt;
    }
  }
  if (dtype.kind == 'u' && dtype.size == 8) {
    return static_cast<double>(load<std::uint64_t>(dtype, at));
  }
  const auto whole = element_int64(dtype, at);
  if (!whole) return std::nullopt;
  return static_cast<double>(*whole);
}

bool append_element_text(const DType& dtype, const std::byte* at, std::string& out) {
  std::size_t points = dtype.size / 4;
  while (points > 0 && load<std::uint32_t>(dtype, at + (points - 1) * 4) == 0) --points;
  for (std::size_t i = 0; i < points; ++i) {
    const auto point = load<std::uint32_t>(dtype, at + i * 4);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    base::append_utf8(out, point);
  }
  return true;
}

base::Bytes trimmed_bytes(base::Bytes element) {
  while (!element.empty() && element.back() == std::byte{0}) {
    element = element.first(element.size() - 1);
  }
  return element;
}

}  // namespace pickle
