#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "image/ld_cache.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cache = image::parse_ld_cache(std::as_bytes(std::span(data, size)));
  if (!cache.ok()) return 0;
  for (const auto& [name, paths] : *cache) {
    if (paths.empty()) std::abort();
  }
  return 0;
}
