#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vision {

// Width and height, in pixels.
struct Size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  bool operator==(const Size&) const = default;
};

// Bytes of a pixel: red, green, blue.
inline constexpr std::size_t kChannels = 3;

// JPEG's own bound. What resizing needs grows with the longer side, not with the pixels.
inline constexpr std::uint32_t kSideMax = 65535;

// RGB, row by row from the top, without padding. One that was decoded has at least one pixel, and
// sides of at most kSideMax.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> pixels;

  Size size() const { return {width, height}; }
  std::size_t row_bytes() const { return width * kChannels; }
};

}  // namespace vision
