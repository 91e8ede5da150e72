#include "sklearn_values/feature_names.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace sklearn {
namespace {

constexpr auto kBefore = NumpyText::Before23;
constexpr auto kSince = NumpyText::Since23;

// As str() of numpy.float32 and numpy.float16 in NumPy 1.26 and 2.4.
TEST(NumpyTextTest, IsTheShortestThatReadsBack) {
  const struct {
    double number;
    std::size_t bytes;
    const char* before;
    const char* since;
  } cases[] = {
      {0.1F, 4, "0.1", "0.1"},
      {1.0F / 3, 4, "0.33333334", "0.33333334"},
      {-2.5F, 4, "-2.5", "-2.5"},
      {7, 4, "7.0", "7.0"},
      {999999.9F, 4, "999999.9", "999999.9"},
      {1e6F, 4, "1000000.0", "1e+06"},
      {123456789.0F, 4, "123456790.0", "1.2345679e+08"},
      {1e16F, 4, "1e+16", "1e+16"},
      // Below 1e-4, as that is no float32.
      {1e-4F, 4, "1e-04", "1e-04"},
      {1.1e-4F, 4, "0.00011", "0.00011"},
      {1e-40F, 4, "1e-40", "1e-40"},
      {3.4028234663852886e38, 4, "3.4028235e+38", "3.4028235e+38"},
      {0.0999755859375, 2, "0.1", "0.1"},
      {0.00010001659393310547, 2, "0.0001", "0.0001"},
      {1000.5, 2, "1000.5", "1.0005e+03"},
      {65504, 2, "65500.0", "6.55e+04"},
      // Ties that read back as the number, since its last bit is 0.
      {4112, 2, "4110.0", "4.11e+03"},
      {0.015625, 2, "0.01563", "0.01563"},
      {5.960464477539063e-08, 2, "6e-08", "6e-08"},
      {0.1F, 8, "0.10000000149011612", "0.10000000149011612"},
  };
  for (const auto& [number, bytes, before, since] : cases) {
    EXPECT_EQ(numpy_text(number, bytes, kBefore), before) << number;
    EXPECT_EQ(numpy_text(number, bytes, kSince), since) << number;
  }
}

TEST(NumpyTextTest, HasWordsForWhatIsNotFinite) {
  EXPECT_EQ(numpy_text(std::nan(""), 4, kSince), "nan");
  EXPECT_EQ(numpy_text(-std::numeric_limits<double>::infinity(), 2, kSince), "-inf");
  EXPECT_EQ(numpy_text(-0.0, 4, kBefore), "-0.0");
}

}  // namespace
}  // namespace sklearn
