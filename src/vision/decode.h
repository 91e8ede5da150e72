#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "vision/picture.h"

namespace vision {

struct DecodeOptions {
  // Pillow's Image.MAX_IMAGE_PIXELS.
  std::uint64_t pixels_max = 89'478'485;
  // Turn the picture as its Exif or XMP orientation says, as PIL.ImageOps.exif_transpose does.
  bool orient = true;
};

// The pixels that Pillow's Image.open(...).convert("RGB") gives; from any thread.
//
// JPEG: baseline and progressive; grey, YCbCr, RGB, CMYK and YCCK. Damage that libjpeg only warns
// of
//   is passed over, as Pillow does; a file that ends early is not. More than 64 scans are refused.
// PNG: every kind but grey of 16 bits, whose lower half alone Pillow would keep. Alpha is dropped,
// of
//   16 bits the upper 8 are kept, and of an animation the still picture.
// WebP: lossy and lossless; of an animation the first frame, on black. Alpha is dropped.
//
// Refuses (Invalid) what is no picture, naming what it looks like; more pixels than the bound,
// which are counted before they are allocated; and sides of more than kSideMax. Messages start with
// "picture: ".
base::Result<Picture> decode(std::string_view bytes, const DecodeOptions& options = {});

}  // namespace vision
