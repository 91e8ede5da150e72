#include "plan_preparation/float32.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"
#include "plan_preparation/affine.h"

namespace plan {
namespace {

using Answers = std::vector<double>;

constexpr double kVoid = std::numeric_limits<double>::quiet_NaN();

Answers link32(Link32Kind kind, std::size_t columns, const Answers& scores) {
  return test_run::answer(Link32(kind, columns), columns, scores);
}

TEST(Link32Test, RoundsToFloat32) {
  const float half = 1.0F / (std::exp(-0.3F) + 1.0F);
  EXPECT_EQ(link32(Link32Kind::Expit, 1, {static_cast<double>(0.3F)}),
            (Answers{static_cast<double>(half)}));
  EXPECT_EQ(link32(Link32Kind::Pair, 1, {static_cast<double>(0.1F)}),
            (Answers{static_cast<double>(1.0F - 0.1F), static_cast<double>(0.1F)}));
  EXPECT_EQ(link32(Link32Kind::Exp, 1, {1}), (Answers{static_cast<double>(std::exp(1.0F))}));
  EXPECT_GT(link32(Link32Kind::Expit, 1, {-1000}).at(0), 0);
}

TEST(Link32Test, DecidesAndShares) {
  EXPECT_EQ(link32(Link32Kind::Positive, 2, {0, 1e-30}), (Answers{0, 1}));
  EXPECT_EQ(link32(Link32Kind::Half, 2, {0.5, 0.75}), (Answers{0, 1}));
  EXPECT_EQ(link32(Link32Kind::Softmax, 2, {3, 3}), (Answers{0.5, 0.5}));
  EXPECT_EQ(link32(Link32Kind::Softmax, 2, {1000, 0}), (Answers{1, 0}));
}

TEST(Linear32Test, SkipsWhatIsMissing) {
  const Linear32 linear({1, 2, 3, 4}, {0.5F, -1});
  EXPECT_EQ(test_run::answer(linear, 2, {1, 1, kVoid, 2, kVoid, kVoid}),
            (Answers{4.5, 5, 6.5, 7, 0.5, -1}));
}

TEST(Shift32Test, AddsInFloat32) {
  const double sum = static_cast<double>(16777216.0F + 1.5F);
  EXPECT_EQ(test_run::answer(Shift32({1.5F}), 1, {16777216}), (Answers{sum}));
}

TEST(MarkMissingTest, MarksWhatFloat32DoesNotTellApart) {
  const auto marked = test_run::answer(MarkMissing(Form::Dense, 3, -999.1), 3,
                                       {-999.1, static_cast<double>(-999.1F), -999});
  EXPECT_TRUE(std::isnan(marked.at(0)));
  EXPECT_TRUE(std::isnan(marked.at(1)));
  EXPECT_EQ(marked.at(2), -999);
}

TEST(AffineTest, MultipliesAndShifts) {
  EXPECT_EQ(test_run::answer(Affine(2, {1, -1}), 2, {1, 2, 3, 4}), (Answers{3, 3, 7, 7}));
}

}  // namespace
}  // namespace plan
