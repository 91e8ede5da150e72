#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace oci {

// One header block of an archive, as it stands there.
struct TarHeader {
  char type = '0';
  std::string name;    // Prefix and name joined.
  std::string target;  // Of a link.
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
};

// Refuses a wrong checksum and numbers that are none. `block` is kTarBlock bytes.
base::Result<TarHeader> parse_tar_header(base::Bytes block);

// What a pax header says of the entry after it.
struct PaxRecords {
  std::optional<std::string> path;
  std::optional<std::string> linkpath;
  std::optional<std::uint64_t> size;

  bool empty() const { return !path && !linkpath && !size; }
};

// Refuses sparse files, values with NUL, and lengths that do not add up; passes over other keys.
base::Result<PaxRecords> parse_pax(std::string_view text);

}  // namespace oci
