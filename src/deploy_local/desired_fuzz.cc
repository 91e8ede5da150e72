#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "deploy_local/desired.h"

// What is accepted writes itself so that it reads back equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto desired = deploy_local::parse_desired("desired.json", text);
  if (!desired.ok()) return 0;
  const auto again = deploy_local::parse_desired("again.json", deploy_local::to_text(*desired));
  // Written out, with every default, it may be longer than an endpoint file may be.
  if (!again.ok() && size < 4096) std::abort();
  if (again.ok() && *again != *desired) std::abort();
  return 0;
}
