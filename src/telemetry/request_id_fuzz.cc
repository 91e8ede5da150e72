#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "telemetry/request_id.h"

// Whatever a client calls its request, what comes of it may be called so.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view sent(reinterpret_cast<const char*>(data), size);
  std::uint64_t next = size;
  const auto random = [&next] { return next = next * 6364136223846793005U + 1442695040888963407U; };
  const telemetry::RequestId id = telemetry::find_request_id(sent, random);
  if (!telemetry::is_request_id(id.view())) std::abort();
  if (telemetry::is_request_id(sent) != (id.view() == sent)) std::abort();
  return 0;
}
