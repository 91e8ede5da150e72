#include "vision/convolve.h"

#include <vector>

#include <gtest/gtest.h>

#include "vision/picture.h"
#include "vision/test_picture.h"

namespace vision {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Without what is written past the ends of rows.
Bytes across(const Kernels& kernels, const Picture& picture, const Taps& taps) {
  const std::size_t row_bytes = taps.runs.size() * kChannels;
  const std::size_t stride = row_bytes + kSlack;
  Bytes padded(stride * picture.height);
  kernels.across({picture.pixels.data(), picture.row_bytes(), picture.width, picture.height}, taps,
                 {padded.data(), stride});
  Bytes rows;
  for (std::size_t y = 0; y < picture.height; ++y) {
    const auto row = padded.begin() + static_cast<std::ptrdiff_t>(y * stride);
    rows.insert(rows.end(), row, row + static_cast<std::ptrdiff_t>(row_bytes));
  }
  return rows;
}

Bytes down(const Kernels& kernels, const Picture& picture, const Taps& taps) {
  Bytes rows(picture.row_bytes() * taps.runs.size());
  kernels.down({picture.pixels.data(), picture.row_bytes(), picture.width, picture.height}, taps,
               {rows.data(), picture.row_bytes()});
  return rows;
}

Taps whole_taps(std::uint32_t in, std::uint32_t out, Filter filter) {
  return make_taps({.in = in, .end = static_cast<float>(in), .out = out, .count = out}, filter);
}

// Of small pictures, so that the address sanitizer sees where rows end.
TEST(ConvolveTest, EveryProcessorGivesTheSameBytes) {
  const Kernels* avx2 = find_avx2_kernels();
  if (avx2 == nullptr) GTEST_SKIP() << "no AVX2";
  for (const Filter filter : {Filter::Bilinear, Filter::Bicubic, Filter::Lanczos}) {
    for (std::uint32_t in = 1; in < 40; in += in < 14 ? 1 : 5) {
      for (const std::uint32_t out : {1U, 2U, 5U, 6U, 16U, 31U}) {
        const Taps taps = whole_taps(in, out, filter);
        for (const std::uint32_t other : {1U, 4U, 5U, 6U, 7U, 22U}) {
          SCOPED_TRACE(testing::Message() << in << " to " << out << " of " << other);
          const Picture wide = drawn(in, other);
          EXPECT_EQ(across(*avx2, wide, taps), across(kPlainKernels, wide, taps));
          const Picture high = drawn(other, in);
          EXPECT_EQ(down(*avx2, high, taps), down(kPlainKernels, high, taps));
        }
      }
    }
  }
}

TEST(ConvolveTest, SumsOfManyPixelsDoNotOverflow) {
  const Kernels* avx2 = find_avx2_kernels();
  Picture white{9000, 1, Bytes(27000, 255)};
  for (const Filter filter : {Filter::Bilinear, Filter::Bicubic, Filter::Lanczos}) {
    const Taps taps = whole_taps(9000, 1, filter);
    EXPECT_EQ(across(kPlainKernels, white, taps), Bytes(3, 255));
    if (avx2 == nullptr) continue;
    EXPECT_EQ(across(*avx2, white, taps), Bytes(3, 255));
  }
}

}  // namespace
}  // namespace vision
