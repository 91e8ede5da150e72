#include "vision/decode.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.h"
#include "vision/test_picture.h"

namespace vision {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

// Pictures of nine by seven pixels, with which fuzzing begins too.
std::string file(std::string_view name) {
  const std::string folder = SOOTH_SOURCE_DIR "/tests/fuzz/corpus/vision_decode_fuzz/";
  const auto mapped = base::MappedFile::open(folder + std::string(name), 1U << 20U);
  return mapped.ok() ? std::string(base::as_text((*mapped)->bytes())) : "";
}

std::string error_of(std::string_view bytes, const DecodeOptions& options = {}) {
  const auto picture = decode(bytes, options);
  if (picture.ok()) return "";
  EXPECT_EQ(picture.error().code(), base::Code::Invalid);
  return picture.error().message();
}

// What is expected was given by Pillow 12.3.0: exif_transpose, then convert("RGB").
TEST(DecodeTest, GivesPillowsPixels) {
  const struct {
    std::string_view name;
    Size size;
    std::string_view digest;
  } cases[] = {
      {"jpeg_cmyk", {9, 7}, "f87e59f99256a000"},
      {"jpeg_grey", {9, 7}, "d55c23d05bb91b31"},
      {"jpeg_progressive", {9, 7}, "a80af2ab0028e5dc"},
      {"jpeg_rgb", {9, 7}, "a80af2ab0028e5dc"},
      {"jpeg_turned", {7, 9}, "2799b475ea225ac7"},
      {"png_grey_2_bits", {9, 7}, "6bb4f9033b1f8c0d"},
      {"png_palette_interlaced", {9, 7}, "976eee1f9b9d0df4"},
      {"png_rgb", {9, 7}, "730bc020f16aaec3"},
      {"png_rgb_16_bits", {7, 9}, "c7fc0ae32fc0d43d"},
      {"png_rgba", {9, 7}, "730bc020f16aaec3"},
      {"webp_animated", {9, 7}, "78c0a20384783188"},
      {"webp_lossless", {9, 7}, "730bc020f16aaec3"},
      {"webp_lossy", {9, 7}, "78c0a20384783188"},
      {"webp_turned", {7, 9}, "3946c6c7d619dffd"},
  };
  for (const auto& each : cases) {
    const auto picture = decode(file(each.name));
    ASSERT_TRUE(picture.ok()) << each.name << ": " << picture.error().message();
    EXPECT_EQ(picture->size(), each.size) << each.name;
    EXPECT_EQ(digest_of(*picture), each.digest) << each.name;
  }
}

TEST(DecodeTest, TurnsOnlyWhereAsked) {
  for (const std::string_view name : {"jpeg_turned", "png_rgb_16_bits", "webp_turned"}) {
    EXPECT_EQ(decode(file(name))->size(), (Size{7, 9})) << name;
    EXPECT_EQ(decode(file(name), {.orient = false})->size(), (Size{9, 7})) << name;
  }
}

TEST(DecodeTest, RefusesWhatIsNoPicture) {
  EXPECT_EQ(error_of(""), "picture: expected a JPEG, PNG or WebP, got no bytes");
  EXPECT_EQ(error_of("Hello"),
            "picture: expected a JPEG, PNG or WebP, got text beginning \"Hello\"");
}

TEST(DecodeTest, RefusesWhatEndsEarly) {
  const struct {
    std::string_view name;
    std::string_view message;
  } cases[] = {
      {"jpeg_rgb", "picture: expected a whole JPEG, got one that ends early"},
      {"jpeg_progressive", "picture: expected a whole JPEG, got one that ends early"},
      {"jpeg_cmyk", "picture: expected a whole JPEG, got one that ends early"},
      {"png_rgb", "picture: expected a whole PNG, got one that ends early"},
      {"png_palette_interlaced", "picture: expected a whole PNG, got one that ends early"},
      {"webp_lossy", "picture: expected a whole WebP, got one that ends early"},
      {"webp_animated", "picture: expected a whole WebP, got one that ends early"},
  };
  for (const auto& each : cases) {
    const std::string whole = file(each.name);
    for (std::size_t size = 12; size + 20 < whole.size(); ++size) {
      EXPECT_EQ(error_of(whole.substr(0, size)), each.message) << each.name << " " << size;
    }
  }
}

TEST(DecodeTest, RefusesGreyOf16Bits) {
  EXPECT_EQ(error_of(file("png_grey_16_bits")),
            "picture: expected grey of at most 8 bits, got a PNG of 16; convert it first");
}

TEST(DecodeTest, BoundsPixels) {
  for (const std::string_view name : {"jpeg_rgb", "png_rgb", "webp_lossy", "webp_animated"}) {
    EXPECT_TRUE(decode(file(name), {.pixels_max = 63}).ok()) << name;
    EXPECT_EQ(error_of(file(name), {.pixels_max = 62}),
              "picture: expected at most 62 pixels, got 9 x 7");
  }
}

// The header is believed no further than the bound: nothing of that size is allocated.
TEST(DecodeTest, RefusesHugeExtentsByTheirHeader) {
  std::string jpeg = file("jpeg_rgb");
  const std::size_t frame = jpeg.find("\xff\xc0");
  jpeg.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
  EXPECT_EQ(error_of(jpeg), "picture: expected at most 89478485 pixels, got 65500 x 65500");
  // 100000 x 100000, and the checksum of that header.
  std::string png = file("png_rgb");
  png.replace(16, 8, "\x00\x01\x86\xa0\x00\x01\x86\xa0"s);
  png.replace(29, 4, "\x27\x30\x9c\x9f"s);
  EXPECT_EQ(error_of(png), "picture: expected at most 89478485 pixels, got 100000 x 100000");
}

TEST(DecodeTest, BoundsSides) {
  std::string png = file("png_rgb");
  png.replace(16, 8, "\x00\x01\x00\x00\x00\x00\x00\x07"s);
  png.replace(29, 4, "\x32\x49\x97\x92"s);
  EXPECT_EQ(error_of(png), "picture: expected sides of at most 65535 pixels, got 65536 x 7");
}

TEST(DecodeTest, RefusesDamageInTheLibrarysWords) {
  std::string jpeg = file("jpeg_rgb");
  const std::size_t frame = jpeg.find("\xff\xc0");
  jpeg[frame + 4] = 12;
  EXPECT_EQ(error_of(jpeg),
            "picture: expected a readable JPEG, got one that is not: \"Unsupported JPEG data "
            "precision 12\"");
  std::string png = file("png_rgb");
  png[png.find("IDAT") + 6] ^= 0x55;
  EXPECT_EQ(error_of(png).substr(0, 54), "picture: expected a readable PNG, got one that is not:");
  std::string webp = file("webp_lossless");
  webp[webp.find("VP8L") + 8] = 0;
  EXPECT_EQ(error_of(webp), "picture: expected a readable WebP, got one that is not");
}

// A scan of nothing for a few bytes, again and again.
TEST(DecodeTest, BoundsScans) {
  std::string jpeg = file("jpeg_progressive");
  const std::size_t last = jpeg.rfind("\xff\xda");
  const std::string scan = jpeg.substr(last, jpeg.size() - 2 - last);
  for (int i = 0; i < 100; ++i) jpeg.insert(last, scan);
  EXPECT_EQ(error_of(jpeg),
            "picture: expected a readable JPEG, got one that is not: \"more than 64 scans\"");
}

TEST(DecodeTest, ReadsPhotographs) {
  const char* set = std::getenv("SOOTH_MATERIAL");
  const fs::path material =
      set != nullptr ? fs::path(set) : fs::path(SOOTH_SOURCE_DIR) / "../shared/material";
  const fs::path folder = material / "imagenet/images";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto mapped = base::MappedFile::open(entry.path().string(), 1U << 28U);
    ASSERT_TRUE(mapped.ok());
    const auto picture = decode(base::as_text((*mapped)->bytes()));
    EXPECT_TRUE(picture.ok()) << entry.path() << ": " << picture.error().message();
  }
}

}  // namespace
}  // namespace vision
