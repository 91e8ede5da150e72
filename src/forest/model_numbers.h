#pragma once

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace forest {

// Numbers as JSON and UBJSON have them, for model_value.cc and the readers of the two. Where one
// does not fit the type that is asked for, or none begins there, the answer is false.

inline constexpr char kJsonNumbers = 'A';
inline constexpr char kMarkedNumbers = 'M';

inline base::Error bad_value(std::string message) {
  return {base::Code::Corrupt, std::move(message)};
}

template <typename To>
bool store_number(double from, To& to) {
  if constexpr (std::is_floating_point_v<To>) {
    to = static_cast<To>(from);
    return true;
  } else {
    if (from != std::floor(from) ||
        !(from >= static_cast<double>(std::numeric_limits<To>::min())) ||
        !(from <= static_cast<double>(std::numeric_limits<To>::max())) || from >= 0x1p63) {
      return false;
    }
    to = static_cast<To>(from);
    return true;
  }
}

// The next of the JSON numbers, as T: what XGBoost writes is read to the bit in its own type.
template <typename T>
bool take_json_number(std::string_view& rest, T& out) {
  const auto starts = [&](std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  };
  const auto skip = [&] {
    const std::size_t next = rest.find_first_not_of(" \t\r\n,");
    rest.remove_prefix(next == std::string_view::npos ? rest.size() : next);
  };
  skip();
  if (starts("true")) return store_number(1, out);
  if (starts("false")) return store_number(0, out);
  if (starts("NaN")) return store_number(std::numeric_limits<double>::quiet_NaN(), out);
  if (starts("Infinity")) return store_number(std::numeric_limits<double>::infinity(), out);
  if (starts("-Infinity")) return store_number(-std::numeric_limits<double>::infinity(), out);
  const char* end = rest.data() + rest.size();
  const auto [stopped, problem] = std::from_chars(rest.data(), end, out);
  if (problem != std::errc{}) return false;
  if constexpr (std::is_integral_v<T>) {
    if (stopped != end && (*stopped == '.' || *stopped == 'e' || *stopped == 'E')) {
      double wide = 0;
      const auto again = std::from_chars(rest.data(), end, wide);
      if (again.ec != std::errc{} || !store_number(wide, out)) return false;
      rest.remove_prefix(static_cast<std::size_t>(again.ptr - rest.data()));
      return true;
    }
  }
  rest.remove_prefix(static_cast<std::size_t>(stopped - rest.data()));
  return rest.empty() || std::string_view(" \t\r\n,").find(rest.front()) != std::string_view::npos;
}

// Bytes of an UBJSON number of that type; 0 where it is none.
inline std::size_t ubjson_width(char type) {
  switch (type) {
    case 'i':
    case 'U': return 1;
    case 'I': return 2;
    case 'l':
    case 'd': return 4;
    case 'L':
    case 'D': return 8;
    default: return 0;
  }
}

inline std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

// A number of `type` that `bytes` begin with. Precondition: there are so many bytes.
template <typename T>
bool store_ubjson(char type, std::string_view bytes, T& out) {
  const std::uint64_t bits = big_endian(bytes.substr(0, ubjson_width(type)));
  const auto store_integer = [&](std::int64_t value) {
    if constexpr (std::is_integral_v<T>) {
      if (value < 0 && std::is_unsigned_v<T>) return false;
      if (value > 0 && static_cast<std::uint64_t>(value) >
                           static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
        return false;
      }
      if (value < 0 && value < static_cast<std::int64_t>(std::numeric_limits<T>::min())) {
        return false;
      }
    }
    out = static_cast<T>(value);
    return true;
  };
  switch (type) {
    case 'i': return store_integer(static_cast<std::int8_t>(bits));
    case 'U': return store_integer(static_cast<std::int64_t>(bits));
    case 'I': return store_integer(static_cast<std::int16_t>(bits));
    case 'l': return store_integer(static_cast<std::int32_t>(bits));
    case 'L': return store_integer(static_cast<std::int64_t>(bits));
    case 'd':
      return store_number(
          static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))), out);
    default: return store_number(std::bit_cast<double>(bits), out);
  }
}

}  // namespace forest
