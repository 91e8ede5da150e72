#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "deploy_local/standing.h"

// What is accepted writes itself so that it reads back equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto standing = deploy_local::parse_standing("standing.json", text);
  if (!standing.ok()) return 0;
  const auto again = deploy_local::parse_standing("again.json", deploy_local::to_text(*standing));
  if (!again.ok() || *again != *standing) std::abort();
  return 0;
}
