// Archives: the directory, and every file in it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "tensor_files/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 20U;
  const auto zip = tensor_files::Zip::open(std::as_bytes(std::span(data, size)));
  if (!zip.ok()) return 0;
  std::size_t read = 0;
  for (const auto& each : zip->entries()) {
    if (++read > 64) break;
    const auto file = zip->read(each, kBytesMax);
    if (file.ok() && (file->size() != each.size || file->size() > kBytesMax)) std::abort();
  }
  return 0;
}
