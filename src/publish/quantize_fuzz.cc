#include <cstddef>
#include <cstdint>
#include <string_view>

#include "publish/quantize.h"

// What a Python wrote that quantised a network. The first byte says whether it had pictures.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > (64U << 10U)) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto read = publish::read_quantized(text, data[0] % 2 == 1);
  if (read.ok()) {
    for (const auto& each : read->outputs) static_cast<void>(each.rel_max());
  }
  return 0;
}
