#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tensor_files {

// A zip archive as far as Python's zipfile and those like it write one: files stored or deflated,
// zip64, no encryption, one disk. Nothing is unpacked before it is asked for, and never more than
// is allowed; names are texts and lead nowhere. Refuses what contradicts itself: sizes, checksums,
// places outside the archive. Looks at the bytes of somebody else.
class Zip {
 public:
  static constexpr std::size_t kEntriesMax = 100'000;

  struct Entry {
    std::string_view name;
    std::uint64_t packed = 0;  // Bytes in the archive.
    std::uint64_t size = 0;    // Bytes of the file.
    std::uint64_t at = 0;      // Of its local header.
    std::uint32_t crc = 0;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
  };

  static bool is_zip(base::Bytes bytes);
  static base::Result<Zip> open(base::Bytes bytes);

  // In the order of the archive's directory.
  const std::vector<Entry>& entries() const { return entries_; }
  // Null where there is none of that name.
  const Entry* find(std::string_view name) const;
  // The file's bytes; Exhausted where there are more than `bytes_max`.
  base::Result<std::string> read(const Entry& entry, std::uint64_t bytes_max) const;

 private:
  explicit Zip(base::Bytes bytes) : bytes_(bytes) {}
  base::Result<base::Bytes> find_packed(const Entry& entry) const;

  base::Bytes bytes_;
  std::vector<Entry> entries_;
};

// An archive of files that are stored as they are.
class ZipWriter {
 public:
  // Exhausted where the archive would need zip64.
  base::Result<void> add(std::string_view name, std::string_view bytes);
  // The whole archive; nothing is added any more.
  std::string finish();

 private:
  std::string archive_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

}  // namespace tensor_files
