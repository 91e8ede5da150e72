#include "vision/resize.h"

#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "vision/test_picture.h"

namespace vision {
namespace {

// Everything that is expected here was given by Pillow 12.3.0.
TEST(ResizeTest, GivesPillowsBytes) {
  const struct {
    Filter filter;
    std::vector<std::uint8_t> pixels;
  } cases[] = {
      {Filter::Nearest,
       {145, 205, 9, 234, 36, 98, 70, 128, 190, 105, 167, 229, 222, 26, 90, 86, 146, 202}},
      {Filter::Bilinear,
       {115, 129, 119, 134, 138, 127, 126, 130, 120, 137, 118, 121, 126, 123, 125, 115, 112, 107}},
      {Filter::Bicubic,
       {112, 126, 123, 133, 144, 125, 128, 129, 120, 142, 116, 120, 124, 125, 124, 113, 108, 106}},
      {Filter::Lanczos,
       {113, 124, 127, 134, 148, 122, 127, 127, 118, 145, 116, 119, 126, 124, 123, 110, 106, 107}},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(resize(drawn(7, 5), {3, 2}, each.filter).pixels, each.pixels)
        << static_cast<int>(each.filter);
  }
}

TEST(ResizeTest, GivesPillowsBytesOfLargerPicturesAndOfBoxes) {
  const struct {
    Filter filter;
    Size size;
    Box box;  // Without extent: all of it.
    std::string_view digest;
  } cases[] = {
      {Filter::Nearest, {64, 48}, {}, "e040d3ed06accf4f"},
      {Filter::Nearest, {224, 224}, {}, "1d9603d18b2f93f9"},
      {Filter::Nearest, {200, 70}, {}, "66bd62273031d2fb"},
      {Filter::Nearest, {31, 150}, {}, "a824dd7228117edc"},
      {Filter::Nearest, {64, 48}, {10.5F, 20.25F, 190.75F, 149.0F}, "3ba8c6a4ef7476bb"},
      {Filter::Nearest, {50, 40}, {3.0F, 4.0F, 53.0F, 44.0F}, "e6f39b28b035064b"},
      {Filter::Bilinear, {64, 48}, {}, "199eb18f6f0545eb"},
      {Filter::Bilinear, {224, 224}, {}, "f968f10adbf20dce"},
      {Filter::Bilinear, {200, 70}, {}, "b94b7956124532c2"},
      {Filter::Bilinear, {31, 150}, {}, "fe2c733cf167269d"},
      {Filter::Bilinear, {64, 48}, {10.5F, 20.25F, 190.75F, 149.0F}, "7c232d850b51b24d"},
      {Filter::Bilinear, {50, 40}, {3.0F, 4.0F, 53.0F, 44.0F}, "e6f39b28b035064b"},
      {Filter::Bicubic, {64, 48}, {}, "62ce1269a0ae0a5e"},
      {Filter::Bicubic, {224, 224}, {}, "f7d2cf2ba14a6aa4"},
      {Filter::Bicubic, {200, 70}, {}, "21a41665ae8749e4"},
      {Filter::Bicubic, {31, 150}, {}, "34b6ab162c7cd7b6"},
      {Filter::Bicubic, {64, 48}, {10.5F, 20.25F, 190.75F, 149.0F}, "637853cce146d13c"},
      {Filter::Bicubic, {50, 40}, {3.0F, 4.0F, 53.0F, 44.0F}, "e6f39b28b035064b"},
      {Filter::Lanczos, {64, 48}, {}, "f804a81bc14f3126"},
      {Filter::Lanczos, {224, 224}, {}, "affa14dc6316bc87"},
      {Filter::Lanczos, {200, 70}, {}, "179ffd401ba6569b"},
      {Filter::Lanczos, {31, 150}, {}, "5d385eded64d3399"},
      {Filter::Lanczos, {64, 48}, {10.5F, 20.25F, 190.75F, 149.0F}, "146b43967634d638"},
      {Filter::Lanczos, {50, 40}, {3.0F, 4.0F, 53.0F, 44.0F}, "e6f39b28b035064b"},
  };
  const Picture picture = drawn(200, 150);
  for (const auto& each : cases) {
    const Box box = each.box.right > 0 ? each.box : whole_of(picture);
    EXPECT_EQ(digest_of(resize(picture, each.size, each.filter, box)), each.digest)
        << static_cast<int>(each.filter) << ": " << each.size.width << " x " << each.size.height;
  }
}

TEST(ResizeTest, APartIsCutOutOfTheWhole) {
  const Picture picture = drawn(50, 40);
  for (const Filter filter :
       {Filter::Nearest, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos}) {
    const Picture whole = resize(picture, {30, 60}, filter);
    std::vector<std::uint8_t> part(std::size_t{5} * 7 * kChannels);
    resize_part(picture, {.in = 50, .end = 50, .out = 30, .first = 20, .count = 7},
                {.in = 40, .end = 40, .out = 60, .first = 55, .count = 5}, filter,
                {part.data(), 7 * kChannels});
    for (std::size_t y = 0; y < 5; ++y) {
      const auto* row = whole.pixels.data() + (y + 55) * whole.row_bytes() + 20 * kChannels;
      const std::vector<std::uint8_t> expected(row, row + 7 * kChannels);
      const std::uint8_t* got = &part[y * 7 * kChannels];
      EXPECT_EQ(std::vector<std::uint8_t>(got, got + 7 * kChannels), expected);
    }
  }
}

TEST(ResizeTest, TheSameSizeIsTheSamePicture) {
  const Picture picture = drawn(9, 8);
  for (const Filter filter :
       {Filter::Nearest, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos}) {
    EXPECT_EQ(resize(picture, {9, 8}, filter).pixels, picture.pixels);
  }
}

}  // namespace
}  // namespace vision
