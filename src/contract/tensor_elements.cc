#include "contract/tensor_elements.h"

#include <algorithm>
#include <array>

namespace contract {
namespace {

template <typename T>
void append_chars(T value, std::string& out) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  static_cast<void>(error);  // There is room for every number.
  out.append(text.data(), end);
}

template <typename T>
T load_element(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

}  // namespace

std::uint16_t narrow_float(double number, unsigned exponent_bits) {
  const unsigned fraction_bits = 15 - exponent_bits;
  const unsigned infinity = ((1U << exponent_bits) - 1) << fraction_bits;
  const unsigned sign = std::signbit(number) ? 0x8000U : 0;
  if (std::isnan(number)) {
    return static_cast<std::uint16_t>(sign | infinity | 1U << (fraction_bits - 1));
  }
  if (std::isinf(number)) return static_cast<std::uint16_t>(sign | infinity);
  // Of the least normal number, below which all have one distance.
  const int exponent_min = 2 - (1 << (exponent_bits - 1));
  int exponent = 0;
  const double magnitude = std::fabs(number);
  std::frexp(magnitude, &exponent);
  exponent = magnitude == 0 ? exponent_min : std::max(exponent - 1, exponent_min);
  if (exponent > -exponent_min + 1) return static_cast<std::uint16_t>(sign | infinity);
  // Exact, and then to the nearest, ties to even. What is rounded up to the next power of two
  // carries into the exponent.
  const double units = std::ldexp(magnitude, static_cast<int>(fraction_bits) - exponent);
  const auto steps = static_cast<unsigned>(exponent - exponent_min) << fraction_bits;
  const unsigned bits = steps + static_cast<unsigned>(std::nearbyint(units));
  return static_cast<std::uint16_t>(sign | std::min(bits, infinity));
}

void append_json_element(data::Datatype type, const char* at, bool nan, std::string& out) {
  using data::Datatype;
  switch (type) {
    case Datatype::Bool: out += *at != 0 ? "true" : "false"; return;
    case Datatype::Uint64: return append_chars(load_element<std::uint64_t>(at), out);
    case Datatype::Int64: return append_chars(load_element<std::int64_t>(at), out);
    case Datatype::Uint8:
    case Datatype::Uint16:
    case Datatype::Uint32:
    case Datatype::Int8:
    case Datatype::Int16:
    case Datatype::Int32:
      return append_chars(static_cast<std::int64_t>(data::read_number(type, at)), out);
    default: break;
  }
  const double number = data::read_number(type, at);
  if (!std::isfinite(number)) {
    if (!nan) out += "null";
    if (nan) out += std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
  } else if (type == Datatype::Fp64) {
    append_chars(number, out);
  } else {
    append_chars(static_cast<float>(number), out);
  }
}

}  // namespace contract
