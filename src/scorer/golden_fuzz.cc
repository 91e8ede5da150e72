#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scorer/golden.h"

// What is accepted writes itself so that it reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto golden =
      scorer::Golden::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!golden.ok()) return 0;
  const auto again = scorer::Golden::parse(golden->json());
  if (!again.ok() || again->json() != golden->json()) std::abort();
  return 0;
}
