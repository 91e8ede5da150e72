#include <cstdint>
#include <cstdlib>
#include <string>

#include "front/content_coding.h"

// Packed bodies that are none: unpacked within the limits, or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const front::UnpackLimits limits{.bytes_max = 1U << 20U};
  std::string out;
  const auto coding = static_cast<front::Coding>(data[0] % 4);
  const auto unpacked = front::unpack(coding, bytes, limits, 64, out);
  if (unpacked.ok() && coding != front::Coding::Identity && out.size() > limits.bytes_max) {
    std::abort();
  }
  static_cast<void>(front::accepted_coding(bytes));
  return 0;
}
