#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace data {

// What the elements of a tensor are, by the names of the Open Inference Protocol.
enum class Datatype : std::uint8_t {
  Bool,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Int8,
  Int16,
  Int32,
  Int64,
  Fp16,
  Bf16,
  Fp32,
  Fp64,
  Bytes,
};

// "INT64"
std::string_view datatype_name(Datatype type);
std::optional<Datatype> parse_datatype(std::string_view name);
// Bytes of one element; 0 of Bytes, whose elements have a length of their own.
std::size_t datatype_bytes(Datatype type);

// The number that lies at `at`, little-endian, as float64: what float64 cannot hold, integers
// beyond 2^53, is rounded. Precondition: a datatype of numbers, and all of its bytes.
double read_number(Datatype type, const char* at);
// Whether none of the numbers is NaN or infinite. Precondition: a datatype of numbers, and whole
// ones.
bool all_finite(Datatype type, std::string_view bytes);

}  // namespace data
