#pragma once

#include <string_view>

#include "base/result.h"
#include "vision/decode.h"
#include "vision/orientation.h"

namespace vision {

// What a file holds, and how it is to be turned (upright where nobody asks).
struct Decoded {
  Picture picture;
  Orientation orientation = Orientation::Upright;
};

// One adapter for each format's library. None lets a longjmp or a warning out.
base::Result<Decoded> read_jpeg(std::string_view bytes, const DecodeOptions& options);
base::Result<Decoded> read_png(std::string_view bytes, const DecodeOptions& options);
base::Result<Decoded> read_webp(std::string_view bytes, const DecodeOptions& options);

// Refuses extents of more pixels than the bound, and longer sides than kSideMax.
base::Result<void> check_extent(Size size, const DecodeOptions& options);

// `expected a whole PNG, got one that ends early`.
base::Error ends_early(std::string_view format);
// `expected a readable PNG, got one that is not: "bad adaptive filter value"`. Where the library
// gives no reason, there is none.
base::Error unreadable(std::string_view format, std::string_view reason);

}  // namespace vision
