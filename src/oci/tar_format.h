#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace oci {

// What the reader and the writer of archives must agree on.
//
// POSIX ustar, one header of 512 bytes before each body, bodies padded to 512, two blocks of zeros
// at the end. Numbers are octal text. A header of type 'x' before another one holds pax records,
// "LENGTH KEY=VALUE\n", for what does not fit.

inline constexpr std::size_t kTarBlock = 512;
inline constexpr std::size_t kTarNameMax = 4096;

struct TarField {
  std::size_t at;
  std::size_t size;
};
inline constexpr TarField kTarName{0, 100};
inline constexpr TarField kTarMode{100, 8};
inline constexpr TarField kTarUid{108, 8};
inline constexpr TarField kTarGid{116, 8};
inline constexpr TarField kTarSize{124, 12};
inline constexpr TarField kTarTime{136, 12};
inline constexpr TarField kTarSum{148, 8};
inline constexpr TarField kTarType{156, 1};
inline constexpr TarField kTarLink{157, 100};
inline constexpr TarField kTarMagic{257, 8};
inline constexpr TarField kTarDevMajor{329, 8};
inline constexpr TarField kTarDevMinor{337, 8};
inline constexpr TarField kTarPrefix{345, 155};
inline constexpr std::string_view kUstarMagic{"ustar\00000", 8};

// The sum of a header's bytes, with its own field taken as spaces.
std::uint32_t tar_checksum(base::Bytes header);

// Bytes between a body of `size` bytes and the next block.
constexpr std::size_t tar_padding(std::uint64_t size) {
  return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

// A name that stays beneath the folder that an archive is unpacked in, written in the one way:
// relative, its parts neither empty nor "." nor "..", no NUL, at most kTarNameMax bytes.
base::Result<void> check_tar_name(std::string_view name);

// A link may point anywhere, but to something: not empty, no NUL, at most kTarNameMax bytes.
base::Result<void> check_tar_target(std::string_view target);

}  // namespace oci
