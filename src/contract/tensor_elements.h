#pragma once

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "data/datatype.h"
#include "table/json_numbers.h"

namespace contract {

// Numbers of requests as elements of a tensor: the nearest of its datatype. What is no number of it
// is refused: a fraction or what is too large for an integer, and a finite number that is too large
// for a float.

// The bits of the 16-bit float nearest to it, ties to even; nothing is larger than its infinity.
// `exponent_bits`: 5 of FP16, 8 of BF16.
std::uint16_t narrow_float(double number, unsigned exponent_bits);

namespace elements {

template <typename T>
bool store(T value, char* at) {
  std::memcpy(at, &value, sizeof(value));
  return true;
}

// From a float or an integer of any kind.
template <typename To, typename From>
bool store_integer(From number, char* at) {
  if constexpr (std::is_floating_point_v<From>) {
    // Powers of two, which a float64 has exactly; what is no number is in no range.
    constexpr double kMin = static_cast<double>(std::numeric_limits<To>::min());
    constexpr double kEnd =
        2.0 * static_cast<double>(std::uint64_t{1} << (std::numeric_limits<To>::digits - 1));
    if (!(number >= kMin && number < kEnd)) return false;
    const auto value = static_cast<To>(number);
    return static_cast<double>(value) == number && store(value, at);
  } else if constexpr (std::is_same_v<From, bool>) {
    return store(static_cast<To>(number ? 1 : 0), at);
  } else {
    return std::in_range<To>(number) && store(static_cast<To>(number), at);
  }
}

inline bool store_half(double number, unsigned exponent_bits, char* at) {
  const std::uint16_t bits = narrow_float(number, exponent_bits);
  const auto infinity = static_cast<unsigned>((1U << exponent_bits) - 1) << (15 - exponent_bits);
  return ((bits & 0x7fffU) != infinity || std::isinf(number)) && store(bits, at);
}

inline bool store_float(double number, char* at) {
  const auto value = static_cast<float>(number);
  return (std::isfinite(value) || !std::isfinite(number)) && store(value, at);
}

}  // namespace elements

// Writes the number at `at`, and says whether it is one of that datatype. Precondition: a datatype
// of numbers, and room for one.
template <data::Datatype kType, typename From>
bool store_number(From number, char* at) {
  using data::Datatype;
  if constexpr (kType == Datatype::Bool) {
    return (number == From{0} || number == From{1}) && elements::store(number == From{1}, at);
  } else if constexpr (kType == Datatype::Uint8) {
    return elements::store_integer<std::uint8_t>(number, at);
  } else if constexpr (kType == Datatype::Uint16) {
    return elements::store_integer<std::uint16_t>(number, at);
  } else if constexpr (kType == Datatype::Uint32) {
    return elements::store_integer<std::uint32_t>(number, at);
  } else if constexpr (kType == Datatype::Uint64) {
    return elements::store_integer<std::uint64_t>(number, at);
  } else if constexpr (kType == Datatype::Int8) {
    return elements::store_integer<std::int8_t>(number, at);
  } else if constexpr (kType == Datatype::Int16) {
    return elements::store_integer<std::int16_t>(number, at);
  } else if constexpr (kType == Datatype::Int32) {
    return elements::store_integer<std::int32_t>(number, at);
  } else if constexpr (kType == Datatype::Int64) {
    return elements::store_integer<std::int64_t>(number, at);
  } else if constexpr (kType == Datatype::Fp16) {
    return elements::store_half(static_cast<double>(number), 5, at);
  } else if constexpr (kType == Datatype::Bf16) {
    return elements::store_half(static_cast<double>(number), 8, at);
  } else if constexpr (kType == Datatype::Fp32) {
    return elements::store_float(static_cast<double>(number), at);
  } else {
    return elements::store(static_cast<double>(number), at);
  }
}

// Calls `call.template operator()<kType>()` for the datatype. Precondition: one of numbers.
template <typename Call>
auto for_datatype(data::Datatype type, const Call& call) {
  using data::Datatype;
  switch (type) {
    case Datatype::Bool: return call.template operator()<Datatype::Bool>();
    case Datatype::Uint8: return call.template operator()<Datatype::Uint8>();
    case Datatype::Uint16: return call.template operator()<Datatype::Uint16>();
    case Datatype::Uint32: return call.template operator()<Datatype::Uint32>();
    case Datatype::Uint64: return call.template operator()<Datatype::Uint64>();
    case Datatype::Int8: return call.template operator()<Datatype::Int8>();
    case Datatype::Int16: return call.template operator()<Datatype::Int16>();
    case Datatype::Int32: return call.template operator()<Datatype::Int32>();
    case Datatype::Int64: return call.template operator()<Datatype::Int64>();
    case Datatype::Fp16: return call.template operator()<Datatype::Fp16>();
    case Datatype::Bf16: return call.template operator()<Datatype::Bf16>();
    case Datatype::Fp32: return call.template operator()<Datatype::Fp32>();
    case Datatype::Fp64:
    case Datatype::Bytes: break;
  }
  return call.template operator()<Datatype::Fp64>();
}

// Of all integers of 64 bits a float64 does not have each.
constexpr bool is_long_integer(data::Datatype type) {
  return type == data::Datatype::Int64 || type == data::Datatype::Uint64;
}

// An integer that is written as digits alone; gives what stands behind it, or null. Precondition:
// something that is in no number stands somewhere behind.
template <typename Integer>
const char* read_integer(const char* at, Integer& integer) {
  const char* first = at;
  if (*first == '-') ++first;
  // A zero stands alone.
  if (*first < '0' || *first > '9' || (*first == '0' && first[1] >= '0' && first[1] <= '9')) {
    return nullptr;
  }
  constexpr std::size_t kDigitsMax = 20;
  const auto [behind, error] = std::from_chars(at, first + kDigitsMax + 1, integer);
  if (error != std::errc() || *behind == '.' || *behind == 'e' || *behind == 'E') return nullptr;
  return behind;
}

// As table::read_numbers, of such integers.
template <typename Integer, typename Take>
bool read_integers(const char* at, const Take& take) {
  if (*at != '[') return false;
  do {
    do ++at;
    while (table::plain::is_space(*at));
    Integer integer = 0;
    at = read_integer(at, integer);
    if (at == nullptr || !take(integer)) return false;
    while (table::plain::is_space(*at)) ++at;
  } while (*at == ',');
  return *at == ']';
}

// An element as JSON has it, with the fewest digits that read back as the same; `nan`: what is not
// finite is written NaN, Infinity or -Infinity, else null. Precondition: a datatype of numbers.
void append_json_element(data::Datatype type, const char* at, bool nan, std::string& out);

}  // namespace contract
