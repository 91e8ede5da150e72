// .npy files: the header's literal, element types, extents.
#include <cstddef>
#include <cstdint>
#include <span>

#include "pickle/npy.h"
#include "pickle/numbers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pickle::Limits limits;
  limits.memory_bytes = std::uint64_t{16} << 20U;
  const base::Bytes bytes = std::as_bytes(std::span(data, size));
  if (!pickle::is_npy(bytes)) return 0;
  pickle::Heap heap(limits, size);
  const auto node = pickle::read_npy(heap, bytes);
  if (!node.ok()) return 0;
  const pickle::Array& array = *pickle::Value(**node).array();
  static_cast<void>(pickle::to_doubles(array).ok());
  static_cast<void>(pickle::to_int64s(array).ok());
  static_cast<void>(pickle::to_strings(array).ok());
  return 0;
}
