#include "serve/calibration.h"

#include <gtest/gtest.h>

namespace serve {
namespace {

TEST(CalibrationTest, BeginsWithTheEstimateItself) { EXPECT_EQ(Calibration().ratio(), 1); }

TEST(CalibrationTest, TakesTheFirstMeasurementAtItsWord) {
  Calibration calibration;
  calibration.learn(100, 2000);
  EXPECT_DOUBLE_EQ(calibration.ratio(), 20);
}

TEST(CalibrationTest, AColdStartWeighsNoMoreThanAnother) {
  Calibration calibration;
  calibration.learn(100, 100'000);
  for (int i = 0; i < 200; ++i) calibration.learn(100, 200);
  EXPECT_NEAR(calibration.ratio(), 2, 0.1);
}

TEST(CalibrationTest, OneOutlierMovesItLittle) {
  Calibration calibration;
  for (int i = 0; i < 50; ++i) calibration.learn(100, 100);
  calibration.learn(100, 1e9);
  EXPECT_LT(calibration.ratio(), 1.07);
  calibration.learn(100, 0);
  EXPECT_GT(calibration.ratio(), 0.95);
}

TEST(CalibrationTest, FollowsWhatHasReallyChanged) {
  Calibration calibration;
  for (int i = 0; i < 50; ++i) calibration.learn(100, 100);
  for (int i = 0; i < 120; ++i) calibration.learn(100, 1000);
  EXPECT_NEAR(calibration.ratio(), 10, 0.1);
  for (int i = 0; i < 200; ++i) calibration.learn(100, 100);
  EXPECT_NEAR(calibration.ratio(), 1, 0.1);
}

TEST(CalibrationTest, StaysWithinBoundsOfAnything) {
  Calibration calibration;
  for (int i = 0; i < 100; ++i) calibration.learn(0, 1e300);
  EXPECT_LE(calibration.ratio(), 1e6);
  for (int i = 0; i < 1000; ++i) calibration.learn(1e300, 0);
  EXPECT_GE(calibration.ratio(), 1e-6);
}

}  // namespace
}  // namespace serve
