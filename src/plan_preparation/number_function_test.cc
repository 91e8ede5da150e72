#include "plan_preparation/number_function.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"

namespace plan {
namespace {

using Cells = std::vector<double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Cells of(const NumberFunction& function, const Cells& cells) {
  return test_run::answer(ApplyNumberFunction(cells.size(), function), cells.size(), cells);
}

TEST(NumberFunctionTest, ClipsAsNumPyDoes) {
  EXPECT_EQ(of(NumberFunction::clip(-1, 2), {-3, 0, 5, kInfinity}), (Cells{-1, 0, 2, 2}));
  EXPECT_EQ(of(NumberFunction::clip(-kInfinity, 2), {-3, 5}), (Cells{-3, 2}));
  EXPECT_TRUE(std::isnan(of(NumberFunction::clip(-1, 2), {std::nan("")}).at(0)));
  EXPECT_TRUE(std::isnan(of(NumberFunction::clip(std::nan(""), 2), {1}).at(0)));
  // The upper limit is the last word.
  EXPECT_EQ(of(NumberFunction::clip(3, 1), {2}), (Cells{1}));
}

TEST(NumberFunctionTest, RoundsByAFactor) {
  EXPECT_EQ(of(NumberFunction::round(1), {0.25, 0.35, -1.26}), (Cells{0.2, 0.4, -1.3}));
  EXPECT_EQ(of(NumberFunction::round(-2), {149, 150, 250}), (Cells{100, 200, 200}));
}

TEST(NumberFunctionTest, ReplacesWhatIsNotFinite) {
  EXPECT_EQ(of(NumberFunction::replace(7, 8, 9), {std::nan(""), kInfinity, -kInfinity, 1}),
            (Cells{7, 8, 9, 1}));
}

TEST(NumberFunctionTest, HasUfuncsWhoseFirstNumberIsFixed) {
  EXPECT_EQ(of(NumberFunction::bound("power", 2), {3, -1}), (Cells{8, 0.5}));
  EXPECT_EQ(of(NumberFunction::bound("subtract", 10), {3}), (Cells{7}));
  EXPECT_TRUE(std::isnan(of(NumberFunction::bound("maximum", 0), {std::nan("")}).at(0)));
  EXPECT_EQ(of(NumberFunction::bound("fmax", 0), {std::nan("")}), (Cells{0}));
  EXPECT_EQ(NumberFunction::bound("matmul", 2).of, nullptr);
}

}  // namespace
}  // namespace plan
