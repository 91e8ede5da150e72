#include "scorer/pattern.h"

#include <gtest/gtest.h>

#include "vision/decode.h"

namespace scorer {
namespace {

TEST(PatternTest, IsAPictureOfItsSize) {
  for (const std::uint32_t side : {1U, 2U, 8U, 96U, 224U}) {
    for (unsigned number = 0; number < 4; ++number) {
      const auto picture = vision::decode(pattern_png(number, side));
      ASSERT_TRUE(picture.ok()) << picture.error().message();
      EXPECT_EQ(picture->size(), (vision::Size{side, side}));
      EXPECT_EQ(pattern_png(number, side), pattern_png(number, side));
    }
  }
}

TEST(PatternTest, HasThePixelsOfItsFormula) {
  const auto picture = vision::decode(pattern_png(1, 9));
  ASSERT_TRUE(picture.ok());
  // The first pixel's grain is (2 * 1664525 + 1013904223) >> 26.
  EXPECT_EQ(picture->pixels[0], 0);
  EXPECT_EQ(picture->pixels[1], 0);
  EXPECT_EQ(picture->pixels[2], 15);
  // A stripe begins at the ninth.
  EXPECT_EQ(picture->pixels[8 * 3], 8 * 2 + 64);
  EXPECT_EQ(picture->pixels[8 * 3 + 1], 64);
}

TEST(PatternTest, NumbersDiffer) {
  for (unsigned number = 1; number < 4; ++number) {
    EXPECT_NE(vision::decode(pattern_png(number, 96))->pixels,
              vision::decode(pattern_png(number - 1, 96))->pixels);
  }
}

}  // namespace
}  // namespace scorer
