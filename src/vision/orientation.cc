#include "vision/orientation.h"

#include <algorithm>
#include <cstring>

namespace vision {
namespace {

using namespace std::string_view_literals;

constexpr unsigned kOrientationTag = 0x0112;
constexpr unsigned kShort = 3;
constexpr unsigned kLong = 4;

// Numbers of a TIFF, in its own order. What lies outside is nothing.
class TiffReader {
 public:
  TiffReader(std::string_view bytes, bool big) : bytes_(bytes), big_(big) {}

  std::optional<std::uint32_t> number(std::size_t at, std::size_t width) const {
    if (at > bytes_.size() || bytes_.size() - at < width) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t next = big_ ? i : width - 1 - i;
      value = value << 8U | static_cast<unsigned char>(bytes_[at + next]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool big_;
};

// The value of an entry of the folder, where it is the orientation:
// tag (2), type (2), count (4), value (4).
std::optional<std::uint32_t> orientation_entry(const TiffReader& tiff, std::size_t at) {
  if (tiff.number(at, 2) != kOrientationTag || tiff.number(at + 4, 4) != 1U) return std::nullopt;
  const auto type = tiff.number(at + 2, 2);
  if (type == kShort) return tiff.number(at + 8, 2);
  if (type == kLong) return tiff.number(at + 8, 4);
  return std::nullopt;
}

std::optional<std::uint32_t> exif_orientation(std::string_view exif) {
  while (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  const bool little = exif.starts_with("II*\0"sv);
  if (!little && !exif.starts_with("MM\0*"sv)) return std::nullopt;
  const TiffReader tiff(exif, !little);
  const auto folder = tiff.number(4, 4);
  const auto entries = folder ? tiff.number(*folder, 2) : std::nullopt;
  std::optional<std::uint32_t> found;
  for (std::size_t i = 0; i < entries.value_or(0); ++i) {
    if (const auto value = orientation_entry(tiff, *folder + 2 + i * 12)) found = value;
  }
  return found;
}

// tiff:Orientation="6" as an attribute, <tiff:Orientation>6</... as an element.
std::optional<std::uint32_t> xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = xmp.find(kName); at != std::string_view::npos;
       at = xmp.find(kName, at + kName.size())) {
    std::string_view rest = xmp.substr(at + kName.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with(">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      return static_cast<std::uint32_t>(rest[0] - '0');
    }
  }
  return std::nullopt;
}

// Where the turned picture's pixels are found in the stored one: the first, and how far the next of
// a row and the next of a column are from it.
struct Walk {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t across = 0;
  std::ptrdiff_t down = 0;
};

Walk walk_of(Size stored, Orientation orientation) {
  const std::ptrdiff_t width = stored.width;
  const std::ptrdiff_t last_row = (std::ptrdiff_t{stored.height} - 1) * width;
  const std::ptrdiff_t last = last_row + width - 1;
  switch (orientation) {
    case Orientation::Upright: break;
    case Orientation::MirroredAcross: return {width - 1, -1, width};
    case Orientation::HalfTurn: return {last, -1, -width};
    case Orientation::MirroredDown: return {last_row, 1, -width};
    case Orientation::Transposed: return {0, width, 1};
    case Orientation::QuarterTurn: return {last_row, -width, 1};
    case Orientation::Transversed: return {last, -width, -1};
    case Orientation::ThreeQuarterTurn: return {width - 1, width, -1};
  }
  return {0, 1, width};
}

}  // namespace

Orientation find_orientation(std::string_view exif, std::string_view xmp) {
  auto said = exif_orientation(exif);
  if (!said) said = xmp_orientation(xmp);
  const std::uint32_t number = said.value_or(1);
  if (number < 1 || number > 8) return Orientation::Upright;
  return static_cast<Orientation>(number);
}

Picture turn(Picture picture, Orientation orientation) {
  if (orientation == Orientation::Upright) return picture;
  Picture turned;
  const bool sideways = orientation >= Orientation::Transposed;
  turned.width = sideways ? picture.height : picture.width;
  turned.height = sideways ? picture.width : picture.height;
  turned.pixels.resize(picture.pixels.size());
  const Walk walk = walk_of(picture.size(), orientation);
  // In squares, so that what a sideways walk touches stays in the cache.
  constexpr std::uint32_t kSquare = 32;
  for (std::uint32_t top = 0; top < turned.height; top += kSquare) {
    const std::uint32_t bottom = top + std::min(kSquare, turned.height - top);
    for (std::uint32_t left = 0; left < turned.width; left += kSquare) {
      const std::uint32_t right = left + std::min(kSquare, turned.width - left);
      for (std::uint32_t y = top; y < bottom; ++y) {
        std::ptrdiff_t from = walk.first + y * walk.down + left * walk.across;
        std::uint8_t* to = &turned.pixels[(std::size_t{y} * turned.width + left) * kChannels];
        for (std::uint32_t x = left; x < right; ++x) {
          std::memcpy(to, picture.pixels.data() + from * std::ptrdiff_t{kChannels}, kChannels);
          to += kChannels;
          from += walk.across;
        }
      }
    }
  }
  return turned;
}

}  // namespace vision
