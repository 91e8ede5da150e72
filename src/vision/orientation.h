#pragma once

#include <optional>
#include <string_view>

#include "vision/picture.h"

namespace vision {

// Exif's and TIFF's tag 274, by its numbers: where the first row and column of what is stored are
// when one looks at the picture.
enum class Orientation : unsigned char {
  Upright = 1,
  MirroredAcross = 2,
  HalfTurn = 3,
  MirroredDown = 4,
  Transposed = 5,
  QuarterTurn = 6,  // Clockwise, to be upright.
  Transversed = 7,
  ThreeQuarterTurn = 8,
};

// What Exif says (a TIFF header and its first folder, with or without "Exif\0\0" before it), or
// where Exif does not say, XMP. Upright where neither does, and where what they say is no
// orientation.
Orientation find_orientation(std::string_view exif, std::string_view xmp);

// The picture as one looks at it.
Picture turn(Picture picture, Orientation orientation);

}  // namespace vision
