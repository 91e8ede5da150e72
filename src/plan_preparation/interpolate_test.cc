#include "plan_preparation/interpolate.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"

namespace plan {
namespace {

using Outside = Interpolate::Outside;

Interpolate through(Outside outside) {
  return Interpolate({.x = {0, 1, 1, 3},
                      .y = {0, 10, 20, 40},
                      .least = 0,
                      .most = 3,
                      .outside = outside,
                      .single = false});
}

TEST(InterpolateTest, DrawsLinesBetweenPoints) {
  const Interpolate step = through(Outside::Nan);
  EXPECT_EQ(step.at(0), 0);
  EXPECT_EQ(step.at(0.5), 5);
  EXPECT_EQ(step.at(1), 20);
  EXPECT_EQ(step.at(2), 30);
  EXPECT_EQ(step.at(3), 40);
}

TEST(InterpolateTest, DoesOutsideAsItIsTold) {
  EXPECT_TRUE(std::isnan(through(Outside::Nan).at(-1)));
  EXPECT_TRUE(std::isnan(through(Outside::Nan).at(std::nan(""))));
  EXPECT_EQ(through(Outside::Clip).at(-1), 0);
  EXPECT_EQ(through(Outside::Clip).at(1e300), 40);
  EXPECT_EQ(test_run::refusal(through(Outside::Refuse), 1, {2, 4}),
            "row 1: expected a number from 0 to 3, got 4");
}

TEST(InterpolateTest, IsConstantThroughOnePoint) {
  const Interpolate step({.x = {1}, .y = {7}, .least = 1, .most = 1, .outside = Outside::Refuse});
  EXPECT_EQ(test_run::answer(step, 1, {-5, 1, 9}), (std::vector<double>{7, 7, 7}));
}

TEST(InterpolateTest, ComputesInFloat32WhereItWasFittedSo) {
  const Interpolate step({.x = {0, 3}, .y = {0, 1}, .least = 0, .most = 3, .single = true});
  EXPECT_EQ(step.at(1), static_cast<double>(1.0F / 3.0F * 1.0F));
}

}  // namespace
}  // namespace plan
