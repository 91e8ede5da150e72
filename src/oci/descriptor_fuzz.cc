#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oci/descriptor.h"
#include "oci/reference.h"

// What is accepted writes itself so that it reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto manifest = oci::Manifest::parse(text); manifest.ok()) {
    const auto again = oci::Manifest::parse(manifest->json());
    if (!again.ok() || again->json() != manifest->json()) std::abort();
  }
  if (const auto index = oci::Index::parse(text); index.ok()) {
    const auto again = oci::Index::parse(index->json());
    if (!again.ok() || again->json() != index->json()) std::abort();
  }
  if (const auto reference = oci::Reference::parse(text); reference.ok()) {
    const auto again = oci::Reference::parse(reference->text());
    if (!again.ok() || *again != *reference) std::abort();
  }
  return 0;
}
