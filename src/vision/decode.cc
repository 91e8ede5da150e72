#include "vision/decode.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "vision/kind.h"
#include "vision/reader.h"

namespace vision {
namespace {

base::Result<Decoded> read_any(std::string_view bytes, const DecodeOptions& options) {
  TRY_ASSIGN(const Kind kind, recognise(bytes));
  switch (kind) {
    case Kind::Jpeg: return read_jpeg(bytes, options);
    case Kind::Png: return read_png(bytes, options);
    case Kind::Webp: return read_webp(bytes, options);
  }
  return base::Error(base::Code::Internal, "no reader for the picture");
}

}  // namespace

base::Result<void> check_extent(Size size, const DecodeOptions& options) {
  const std::uint64_t pixels = std::uint64_t{size.width} * size.height;
  if (pixels == 0) {
    return base::Error(base::Code::Invalid,
                       fmt::format("expected pixels, got {} x {}", size.width, size.height));
  }
  if (pixels > options.pixels_max) {
    return base::Error(base::Code::Invalid,
                       fmt::format("expected at most {} pixels, got {} x {}", options.pixels_max,
                                   size.width, size.height));
  }
  if (size.width > kSideMax || size.height > kSideMax) {
    return base::Error(base::Code::Invalid,
                       fmt::format("expected sides of at most {} pixels, got {} x {}", kSideMax,
                                   size.width, size.height));
  }
  return {};
}

base::Error ends_early(std::string_view format) {
  return {base::Code::Invalid, fmt::format("expected a whole {}, got one that ends early", format)};
}

base::Error unreadable(std::string_view format, std::string_view reason) {
  std::string message = fmt::format("expected a readable {}, got one that is not", format);
  if (!reason.empty()) message += ": " + base::quote(reason);
  return {base::Code::Invalid, std::move(message)};
}

base::Result<Picture> decode(std::string_view bytes, const DecodeOptions& options) {
  auto decoded = read_any(bytes, options);
  if (!decoded.ok()) return std::move(decoded).error().within("picture");
  return turn(std::move(decoded->picture), decoded->orientation);
}

}  // namespace vision
