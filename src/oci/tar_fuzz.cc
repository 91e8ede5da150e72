#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "oci/tar_reader.h"
#include "oci/tar_writer.h"

// An archive that is accepted names files inside it; written again, it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes archive = std::as_bytes(std::span(data, size));
  const auto index = oci::TarIndex::read(archive);
  if (!index.ok()) return 0;
  std::string again;
  oci::TarWriter writer([&again](base::Bytes part) {
    again += base::as_text(part);
    return base::Result<void>();
  });
  for (const oci::TarEntry& entry : index->entries()) {
    const oci::TarAttributes attributes{.mode = entry.mode};
    base::Result<void> added;
    switch (entry.type) {
      case oci::TarType::File:
        added = writer.add_file(entry.name, archive.subspan(entry.offset, entry.size), attributes);
        break;
      case oci::TarType::Folder: added = writer.add_folder(entry.name, attributes); break;
      case oci::TarType::Symlink:
      case oci::TarType::HardLink: added = writer.add_symlink(entry.name, entry.target, attributes);
    }
    if (!added.ok()) std::abort();
  }
  if (!writer.finish().ok()) std::abort();
  const auto read = oci::TarIndex::read(base::as_bytes(again));
  if (!read.ok() || read->entries().size() != index->entries().size()) std::abort();
  for (const oci::TarEntry& entry : index->entries()) {
    const oci::TarEntry* const found = read->find(entry.name);
    if (found == nullptr || found->size != entry.size || found->target != entry.target)
      std::abort();
  }
  return 0;
}
