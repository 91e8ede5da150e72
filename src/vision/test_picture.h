#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/digest.h"
#include "vision/picture.h"

namespace vision {

// For tests: a picture of a formula, which Pillow was given too.
inline Picture drawn(std::uint32_t width, std::uint32_t height) {
  Picture picture{width, height, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        const std::uint32_t value = x * 37 + y * 101 + c * 59 + x * y * 7 + (x * x / 5 ^ y * c);
        picture.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return picture;
}

inline std::string digest_of(const Picture& picture) {
  return base::Digest::of(std::as_bytes(std::span(picture.pixels))).hex().substr(0, 16);
}

}  // namespace vision
