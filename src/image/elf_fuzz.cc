#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "image/elf.h"

// What is read says the same once it is stripped.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes file = std::as_bytes(std::span(data, size));
  const auto elf = image::Elf::parse(file);
  if (!elf.ok()) return 0;
  if (elf->loaded_size > size) std::abort();
  const auto stripped = image::strip(file);
  if (!stripped.ok() || stripped->size() != elf->loaded_size) std::abort();
  return 0;
}
