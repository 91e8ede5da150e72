#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oci {

enum class TarType : unsigned char { File, Folder, Symlink, HardLink };

struct TarEntry {
  std::string name;  // As check_tar_name has it: without "./" in front and '/' behind.
  TarType type = TarType::File;
  std::uint64_t size = 0;    // Of a file's body; 0 for everything else.
  std::uint64_t offset = 0;  // Where the body lies in the archive.
  std::uint32_t mode = 0;
  std::string target;  // Of a link.

  // Whether it says that a name of a lower layer is gone (".wh.name", ".wh..wh..opq").
  bool is_whiteout() const;
};

struct TarLimits {
  std::size_t entries_max = 1'000'000;
  std::size_t text_max = 256U << 20U;  // Bytes of all names and targets together.
};

// What an uncompressed archive in memory holds: nothing is copied, and a file's bytes are used
// where they lie. Reads ustar, pax (path, linkpath, size) and GNU long names.
//
// Refuses what two readers could take differently or what could leave the folder it is unpacked
// in: wrong checksums, absolute names, "..", bodies past the end, sparse files, devices, two
// entries of one name (folders may repeat), names beneath what is no folder, and anything but
// zeros behind the end. Where symbolic links point is not checked, as layers of images need them.
class TarIndex {
 public:
  static base::Result<TarIndex> read(base::Bytes archive, const TarLimits& limits = {});

  // In the order of the archive.
  const std::vector<TarEntry>& entries() const { return entries_; }
  const TarEntry* find(std::string_view name) const;

 private:
  base::Result<void> sort();

  std::vector<TarEntry> entries_;
  std::vector<std::size_t> by_name_;
};

}  // namespace oci
