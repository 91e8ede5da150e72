#pragma once

namespace vision {

// Pillow's resampling filters, by its names.
enum class Filter : unsigned char { Nearest, Bilinear, Bicubic, Lanczos };

}  // namespace vision
