#pragma once

#include <span>
#include <string_view>

namespace image {

// The licence of a work that is compiled into the program, as it was when the program was built.
struct Notice {
  std::string_view package;  // "sooth", or the Debian package of headers.
  std::string_view version;
  std::string_view text;
};

// The project's own first. Headers of libraries whose licence asks for a notice in binaries are
// there where the machine that built the program had them from Debian.
std::span<const Notice> notices();

}  // namespace image
