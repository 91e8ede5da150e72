#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/description.h"
#include "model/reference.h"

// What is accepted writes itself so that it reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto description = model::Description::parse(text); description.ok()) {
    const auto again = model::Description::parse(description->json());
    if (!again.ok() || again->json() != description->json()) std::abort();
  }
  if (const auto reference = model::Reference::parse(text); reference.ok()) {
    const auto again = model::Reference::parse(reference->text());
    if (!again.ok() || *again != *reference) std::abort();
  }
  return 0;
}
