#include "plan_scores/elementwise.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "plan/constant.h"
#include "plan/test_run.h"
#include "plan_scores/whitened.h"

namespace plan {
namespace {

using test_run::answer;

using Cells = std::vector<double>;

Cells of(Function function, const Cells& cells) {
  return answer(Elementwise(function, cells.size()), cells.size(), cells);
}

TEST(ElementwiseTest, AppliesOneFunctionToEachCell) {
  EXPECT_EQ(of(Function::Relu, {-1, 0, 2}), (Cells{0, 0, 2}));
  EXPECT_EQ(of(Function::Expit, {0, 800}), (Cells{0.5, 1}));
  EXPECT_EQ(of(Function::Tanh, {0, 40, -40}), (Cells{0, 1, -1}));
  EXPECT_EQ(of(Function::Exp, {0, 1}), (Cells{1, std::exp(1)}));
  EXPECT_EQ(of(Function::AboveZero, {0, 1e-300, -1}), (Cells{0, 1, 0}));
  EXPECT_EQ(of(Function::AboveHalf, {0.5, 0.6}), (Cells{0, 1}));
  EXPECT_EQ(of(Function::Inlier, {0, -1e-300}), (Cells{1, -1}));
}

TEST(ElementwiseTest, KeepsWhatIsNoNumber) {
  EXPECT_TRUE(std::isnan(of(Function::Relu, {std::nan("")}).at(0)));
}

TEST(ElementwiseTest, TakesTheLogOfZeroOnlyWhereThatIsWanted) {
  EXPECT_EQ(of(Function::Log, {0}), (Cells{-std::numeric_limits<double>::infinity()}));
  EXPECT_EQ(of(Function::LogFloored, {0}), (Cells{std::log(std::numeric_limits<double>::min())}));
}

TEST(ConstantTest, SaysTheSameOfEveryRow) {
  EXPECT_EQ(answer(Constant({1, 2}), 1, {7, 8}), (Cells{1, 2, 1, 2}));
}

TEST(WhitenedTest, MeasuresFromEachCenterInItsOwnDirections) {
  std::vector<Whitened::Part> parts(2);
  parts[0] = {.constant = 1, .center = {0, 0}, .matrix = {1, 0, 0, 1}, .columns = 2};
  parts[1] = {.constant = 0, .center = {1, 2}, .matrix = {2, 0}, .columns = 1};
  parts.push_back(
      {.constant = 5, .center = {1, 1}, .matrix = {2, 0, 0, 1}, .columns = 2, .distance = true});
  EXPECT_EQ(answer(Whitened(parts), 2, {3, 4, 1, 1}), (Cells{1 - 12.5, -8, 5 - 17, 1 - 1, 0, 5}));
}

}  // namespace
}  // namespace plan
