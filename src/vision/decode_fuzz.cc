// Bytes to a picture within its bound, turned, and to a tensor by each way of resizing; whatever is
// refused is refused in words. A PNG is read once more with the checksums that its chunks should
// have, or nothing that is changed in them would be looked at.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

#include "vision/decode.h"
#include "vision/preparation.h"

namespace {

constexpr std::uint64_t kPixelsMax = 4096;

vision::Preparation preparation_of(std::uint8_t choice) {
  vision::Preparation how;
  how.size = {static_cast<std::uint32_t>(choice % 7 + 1), 5};
  how.geometry = static_cast<vision::Geometry>(choice % 3);
  how.shorter = choice % 11 + 1U;
  how.filter = static_cast<vision::Filter>(choice / 3 % 4);
  how.type = choice % 2 == 0 ? vision::Type::Uint8 : vision::Type::Float32;
  how.layout = choice % 5 == 0 ? vision::Layout::Nhwc : vision::Layout::Nchw;
  return how;
}

std::size_t number_at(const std::string& bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

std::string with_checksums(std::string png) {
  std::size_t at = 8;
  while (at + 12 <= png.size()) {
    const std::size_t size = number_at(png, at);
    if (size > png.size() - at - 12) break;
    const auto* from = reinterpret_cast<const Bytef*>(png.data() + at + 4);
    const uLong sum = crc32(0, from, static_cast<uInt>(size + 4));
    for (std::size_t i = 0; i < 4; ++i) {
      png[at + 8 + size + i] = static_cast<char>(sum >> (24 - 8 * i) & 0xffU);
    }
    at += size + 12;
  }
  return png;
}

void try_decode(std::string_view bytes) {
  const auto picture = vision::decode(bytes, {.pixels_max = kPixelsMax});
  if (!picture.ok()) {
    if (!picture.error().message().starts_with("picture: expected ")) std::abort();
    return;
  }
  const std::uint64_t pixels = std::uint64_t{picture->width} * picture->height;
  if (pixels == 0 || pixels > kPixelsMax || picture->pixels.size() != pixels * 3) std::abort();
  const vision::Preparation how = preparation_of(static_cast<std::uint8_t>(bytes.back()));
  if (!vision::check(how).ok()) std::abort();
  std::vector<std::byte> tensor(vision::prepared_bytes(how));
  vision::prepare(*picture, how, tensor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_decode(bytes);
  if (bytes.starts_with("\x89PNG")) try_decode(with_checksums(std::string(bytes)));
  return 0;
}
