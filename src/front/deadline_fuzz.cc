#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "front/deadline.h"

// Whatever a field says, the time is none, or from nothing to a year.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"X-Request-Timeout", "X-Envoy-Expected-Rq-Timeout-Ms", "grpc-timeout"}) {
    front::TimeoutReader reader;
    const bool read = reader.see(name, value).ok();
    const auto time = reader.timeout();
    if (read != time.has_value()) std::abort();
    if (time && (*time < std::chrono::nanoseconds(0) || *time > std::chrono::hours(24 * 365))) {
      std::abort();
    }
  }
  return 0;
}
