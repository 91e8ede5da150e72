// Any bytes: never reads beyond them, and a deeper bound is met no sooner.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "contract/json_depth.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  std::size_t before = 0;
  for (const std::size_t depth_max : {0U, 1U, 8U, 64U}) {
    const auto found = contract::find_too_deep(json, depth_max);
    const std::size_t at = found.value_or(size);
    if (at < before || at > size) std::abort();
    if (found && (at >= size || (json[at] != '[' && json[at] != '{'))) std::abort();
    before = at;
  }
  return 0;
}
