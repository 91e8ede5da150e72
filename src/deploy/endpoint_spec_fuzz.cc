#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "deploy/endpoint_spec.h"

// What is accepted writes itself so that it reads back equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto spec = deploy::parse_endpoint("endpoint.yaml", text);
  if (!spec.ok()) return 0;
  const auto again = deploy::parse_endpoint("again.yaml", deploy::to_json(*spec).dump(1));
  // Written out, with every default, it may be longer than a file may be.
  if (!again.ok() && size < 4096) std::abort();
  if (again.ok() && *again != *spec) std::abort();
  return 0;
}
