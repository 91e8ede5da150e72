#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "oci/compress.h"

// The first byte chooses; the rest is unpacked. What unpacks is packed and unpacked again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kOutputMax = 1 << 20;
  if (size == 0) return 0;
  const auto compression = static_cast<oci::Compression>(data[0] % 3);
  const auto text =
      oci::decompress(compression, std::as_bytes(std::span(data + 1, size - 1)), kOutputMax);
  if (!text.ok()) return 0;
  if (text->size() > kOutputMax) std::abort();
  std::string packed;
  const auto compressor = oci::Compressor::make(compression,
                                                [&packed](base::Bytes part) {
                                                  packed += base::as_text(part);
                                                  return base::Result<void>();
                                                },
                                                {.level = 1});
  if (!compressor.ok() || !(*compressor)->append(base::as_bytes(*text)).ok() ||
      !(*compressor)->finish().ok()) {
    std::abort();
  }
  const auto again = oci::decompress(compression, base::as_bytes(packed), kOutputMax);
  if (!again.ok() || *again != *text) std::abort();
  return 0;
}
