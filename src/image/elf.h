#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace image {

// What the dynamic loader is told by a program or shared object: 64-bit little-endian ELF, as
// x86-64 and arm64 have it. Other files are refused as such, and every offset is checked.
struct Elf {
  std::uint16_t machine = 0;        // 62 x86-64, 183 arm64.
  std::string interpreter;          // PT_INTERP; empty in a shared object.
  std::string soname;               // DT_SONAME
  std::string runpath;              // DT_RUNPATH, else DT_RPATH: folders with ':' between.
  std::vector<std::string> needed;  // DT_NEEDED
  std::uint64_t loaded_size = 0;    // Behind the last byte that a segment holds.

  static base::Result<Elf> parse(base::Bytes file);
};

// The platform of an OCI image that runs such a machine's programs: "amd64", "arm64"; else empty.
std::string_view architecture_of(std::uint16_t machine);

// The file without what is never loaded: symbol tables, debugging information and the table of
// sections. It runs as before; only a debugger misses something.
base::Result<std::string> strip(base::Bytes file);

}  // namespace image
