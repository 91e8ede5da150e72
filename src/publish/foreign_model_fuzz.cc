// Files of other programs, told apart by what they hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "publish/foreign_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes = std::as_bytes(std::span(data, size));
  const bool known = !publish::find_foreign_format(bytes).empty();
  if (known == publish::check_format("m", bytes).ok()) std::abort();
  return 0;
}
