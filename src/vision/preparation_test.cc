#include "vision/preparation.h"

#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "vision/resize.h"
#include "vision/test_picture.h"

namespace vision {
namespace {

std::vector<std::byte> prepared(const Picture& picture, const Preparation& how) {
  std::vector<std::byte> out(prepared_bytes(how));
  prepare(picture, how, out);
  return out;
}

std::vector<float> floats(const Picture& picture, const Preparation& how) {
  const std::vector<std::byte> bytes = prepared(picture, how);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// As pixels, which the size of the preparation has.
Picture pixels(const Picture& picture, Preparation how) {
  how.type = Type::Uint8;
  how.layout = Layout::Nhwc;
  const std::vector<std::byte> bytes = prepared(picture, how);
  Picture out{how.size.width, how.size.height, std::vector<std::uint8_t>(bytes.size())};
  std::memcpy(out.pixels.data(), bytes.data(), bytes.size());
  return out;
}

Picture cut(const Picture& picture, std::uint32_t left, std::uint32_t top, Size size) {
  Picture part{size.width, size.height, {}};
  for (std::size_t y = 0; y < size.height; ++y) {
    const std::uint8_t* row = &picture.pixels[(y + top) * picture.row_bytes() + left * kChannels];
    part.pixels.insert(part.pixels.end(), row, row + part.row_bytes());
  }
  return part;
}

const Picture kPixel{1, 1, {10, 128, 255}};

TEST(PreparationTest, ChannelsFollowLayoutAndOrder) {
  Preparation how{.size = {2, 1}, .geometry = Geometry::Squash};
  EXPECT_EQ(floats(kPixel, how), (std::vector<float>{10, 10, 128, 128, 255, 255}));
  how.layout = Layout::Nhwc;
  EXPECT_EQ(floats(kPixel, how), (std::vector<float>{10, 128, 255, 10, 128, 255}));
  how.bgr = true;
  EXPECT_EQ(floats(kPixel, how), (std::vector<float>{255, 128, 10, 255, 128, 10}));
  how.layout = Layout::Nchw;
  EXPECT_EQ(floats(kPixel, how), (std::vector<float>{255, 255, 128, 128, 10, 10}));
}

TEST(PreparationTest, BytesStayBytes) {
  const Preparation how{
      .size = {1, 1}, .bgr = true, .divisor = 2, .mean = {1, 2, 3}, .type = Type::Uint8};
  EXPECT_EQ(prepared_bytes(how), 3U);
  EXPECT_EQ(prepared(kPixel, how),
            (std::vector<std::byte>{std::byte{255}, std::byte{128}, std::byte{10}}));
}

// The numbers are those of NumPy 2, in float32.
TEST(PreparationTest, PresetsCountAsTheirLibrariesDo) {
  const struct {
    std::string_view preset;
    std::vector<float> values;
  } cases[] = {
      {"torchvision", {-1.9466565F, 0.2051822F, 2.64F}},
      {"torchvision-squash", {-1.9466565F, 0.2051822F, 2.64F}},
      {"keras-caffe", {151.061F, 11.221001F, -113.68F}},
      {"keras-tf", {-0.92156863F, 0.003921628F, 1.F}},
      {"keras-torch", {-1.9466565F, 0.2051822F, 2.64F}},
  };
  ASSERT_EQ(preset_names().size(), std::size(cases));
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_EQ(preset_names()[i], cases[i].preset);
    Preparation how = *find_preset(cases[i].preset);
    EXPECT_EQ(how.size, (Size{224, 224}));
    how.size = {1, 1};
    EXPECT_EQ(floats(kPixel, how), cases[i].values) << cases[i].preset;
  }
  EXPECT_FALSE(find_preset("keras").has_value());
}

TEST(PreparationTest, WhatCannotBeCountedIsRefused) {
  const struct {
    Preparation how;
    std::string_view message;
  } cases[] = {
      {{.size = {4096, 1}, .shorter = kSideMax, .divisor = -1}, ""},
      {{.size = {0, 9}}, "size: expected sides of 1 to 4096 pixels, got 0 x 9"},
      {{.size = {9, 4097}}, "size: expected sides of 1 to 4096 pixels, got 9 x 4097"},
      {{.shorter = 0}, "shorter: expected 1 to 65535 pixels, got 0"},
      {{.shorter = 65536}, "shorter: expected 1 to 65535 pixels, got 65536"},
      {{.divisor = 0}, "divisor: expected a number other than 0, got 0"},
      {{.mean = {0, NAN, 0}}, "mean: expected a number, got nan"},
      {{.deviation = {1, 1, INFINITY}}, "deviation: expected a number other than 0, got inf"},
  };
  for (const auto& each : cases) {
    const auto checked = check(each.how);
    EXPECT_EQ(checked.ok() ? "" : checked.error().message(), each.message);
  }
  for (const std::string_view name : preset_names()) EXPECT_TRUE(check(*find_preset(name)).ok());
}

TEST(PreparationTest, CropCutsTheMiddleOfTheResizedPicture) {
  const Preparation how{.size = {50, 40}, .geometry = Geometry::Crop, .shorter = 60};
  // 60 of 200 x 150 are 80 x 60; 30 and 20 are left over.
  const Picture wide = drawn(200, 150);
  EXPECT_EQ(pixels(wide, how).pixels,
            cut(resize(wide, {80, 60}, Filter::Bilinear), 15, 10, {50, 40}).pixels);
  // int(60 * 151 / 100) is 90; of 10 and 50 are left 5 and 25.
  const Picture high = drawn(100, 151);
  EXPECT_EQ(pixels(high, how).pixels,
            cut(resize(high, {60, 90}, Filter::Bilinear), 5, 25, {50, 40}).pixels);
}

TEST(PreparationTest, CropRoundsHalvesToEven) {
  const Picture picture = drawn(31, 33);
  Preparation how{.size = {30, 30}, .geometry = Geometry::Crop, .shorter = 31};
  // round(0.5) is 0, round(1.5) is 2.
  EXPECT_EQ(pixels(picture, how).pixels, cut(picture, 0, 2, {30, 30}).pixels);
}

TEST(PreparationTest, CropOfMoreThanThereIsIsBlackAround) {
  const Preparation how{.size = {4, 3}, .shorter = 1};
  const std::vector<std::uint8_t> black(12, 0);
  const Picture padded = pixels(kPixel, how);
  for (std::size_t i = 0; i < 12; ++i) {
    const std::uint8_t red = i == 5 ? 10 : 0;
    EXPECT_EQ(padded.pixels[i * 3], red) << i;
  }
  // What is black is as any other.
  Preparation counted = how;
  counted.mean = {1, 1, 1};
  EXPECT_EQ(floats(kPixel, counted)[0], -1);
}

TEST(PreparationTest, FitTakesTheLargestMiddlePart) {
  const Preparation how{.size = {30, 30}, .geometry = Geometry::Fit, .filter = Filter::Lanczos};
  const Picture wide = drawn(200, 150);
  EXPECT_EQ(pixels(wide, how).pixels,
            resize(wide, {30, 30}, Filter::Lanczos, {25, 0, 175, 150}).pixels);
  const Picture high = drawn(100, 151);
  EXPECT_EQ(pixels(high, how).pixels,
            resize(high, {30, 30}, Filter::Lanczos, {0, 25.5F, 100, 125.5F}).pixels);
}

// Nothing of the size of the resized whole is allocated.
TEST(PreparationTest, CropOfAThreadIsCheap) {
  const Picture thread{kSideMax, 1, std::vector<std::uint8_t>(kSideMax * kChannels, 9)};
  for (const Filter filter : {Filter::Nearest, Filter::Bilinear, Filter::Lanczos}) {
    const Preparation how{.filter = filter};
    EXPECT_EQ(pixels(thread, how).pixels, std::vector<std::uint8_t>(std::size_t{224} * 224 * 3, 9));
  }
}

}  // namespace
}  // namespace vision
