#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oci/image_config.h"

// What is accepted writes itself so that it reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto config = oci::ImageConfig::parse(text); config.ok()) {
    const auto again = oci::ImageConfig::parse(config->json());
    if (!again.ok() || *again != *config) std::abort();
  }
  return 0;
}
