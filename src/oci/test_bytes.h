#pragma once

#include <cstddef>
#include <string>

namespace oci {

// For tests: bytes that are not the same all over, and always these.
inline std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  return bytes;
}

}  // namespace oci
