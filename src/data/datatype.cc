#include "data/datatype.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace data {
namespace {

static_assert(std::endian::native == std::endian::little);

struct Row {
  std::string_view name;
  std::size_t bytes;
};

// In the order of the enumeration.
constexpr std::array<Row, 14> kRows = {{{"BOOL", 1},
                                        {"UINT8", 1},
                                        {"UINT16", 2},
                                        {"UINT32", 4},
                                        {"UINT64", 8},
                                        {"INT8", 1},
                                        {"INT16", 2},
                                        {"INT32", 4},
                                        {"INT64", 8},
                                        {"FP16", 2},
                                        {"BF16", 2},
                                        {"FP32", 4},
                                        {"FP64", 8},
                                        {"BYTES", 0}}};

template <typename T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// binary16 of IEEE 754.
double half(std::uint16_t bits) {
  const bool negative = (bits & 0x8000U) != 0;
  const int exponent = (bits >> 10U) & 0x1f;
  const int fraction = bits & 0x3ff;
  double value = 0;
  if (exponent == 0x1f) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(fraction + 0x400, exponent - 25);
  }
  return negative ? -value : value;
}

// Whether no number has all bits of its exponent, as NaN and infinity have. Without a branch for
// each.
template <typename Bits>
bool no_full_exponent(Bits exponent, std::string_view bytes) {
  unsigned found = 0;
  for (std::size_t i = 0; i + sizeof(Bits) <= bytes.size(); i += sizeof(Bits)) {
    const Bits bits = load<Bits>(bytes.data() + i);
    found |= static_cast<unsigned>((bits & exponent) == exponent);
  }
  return found == 0;
}

}  // namespace

std::string_view datatype_name(Datatype type) { return kRows[static_cast<std::size_t>(type)].name; }

std::optional<Datatype> parse_datatype(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<Datatype>(i);
  }
  return std::nullopt;
}

std::size_t datatype_bytes(Datatype type) { return kRows[static_cast<std::size_t>(type)].bytes; }

double read_number(Datatype type, const char* at) {
  switch (type) {
    case Datatype::Bool: return *at != 0 ? 1 : 0;
    case Datatype::Uint8: return load<std::uint8_t>(at);
    case Datatype::Uint16: return load<std::uint16_t>(at);
    case Datatype::Uint32: return load<std::uint32_t>(at);
    case Datatype::Uint64: return static_cast<double>(load<std::uint64_t>(at));
    case Datatype::Int8: return load<std::int8_t>(at);
    case Datatype::Int16: return load<std::int16_t>(at);
    case Datatype::Int32: return load<std::int32_t>(at);
    case Datatype::Int64: return static_cast<double>(load<std::int64_t>(at));
    case Datatype::Fp16: return half(load<std::uint16_t>(at));
    case Datatype::Bf16:
      return std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(at)) << 16U);
    case Datatype::Fp32: return static_cast<double>(load<float>(at));
    case Datatype::Fp64: return load<double>(at);
    case Datatype::Bytes: break;
  }
  return 0;
}

bool all_finite(Datatype type, std::string_view bytes) {
  switch (type) {
    case Datatype::Fp16: return no_full_exponent<std::uint16_t>(0x7c00, bytes);
    case Datatype::Bf16: return no_full_exponent<std::uint16_t>(0x7f80, bytes);
    case Datatype::Fp32: return no_full_exponent<std::uint32_t>(0x7f80'0000, bytes);
    case Datatype::Fp64: return no_full_exponent<std::uint64_t>(0x7ff0'0000'0000'0000, bytes);
    default: return true;
  }
}

}  // namespace data
