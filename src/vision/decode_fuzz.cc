// Bytes to a picture within its bound, turned, and to a tensor by each way of resizing; whatever is
// refused is refused in words.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto picture = vision::decode(bytes, {.pixels_max = kPixelsMax});
  if (!picture.ok()) {
    if (!picture.error().message().starts_with("picture: expected ")) std::abort();
    return 0;
  }
  const std::uint64_t pixels = std::uint64_t{picture->width} * picture->height;
  if (pixels == 0 || pixels > kPixelsMax || picture->pixels.size() != pixels * 3) std::abort();
  const vision::Preparation how = preparation_of(data[size - 1]);
  std::vector<std::byte> tensor(vision::prepared_bytes(how));
  vision::prepare(*picture, how, tensor);
  return 0;
}
