// The steps of estimators that are made of others, each alone.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/builder.h"
#include "plan_preparation/ufunc.h"
#include "plan_scores/calibrate.h"
#include "plan_scores/decide.h"
#include "plan_scores/mix.h"
#include "plan_scores/vote.h"

namespace plan {
namespace {

using Numbers = std::vector<double>;

// One row of each input; what comes out for it.
Numbers answer_of(const Step& step, const std::vector<Numbers>& inputs) {
  data::Frame frame{data::Signature{}};
  frame.add_row();
  std::vector<Buffer> buffers(inputs.size());
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    buffers[i].dense = {1, inputs[i].size(), inputs[i]};
    slots.push_back(i);
  }
  Buffer out;
  const auto state = step.make_state();
  const auto done = step.run(Inputs(Window::all_of(frame), buffers, slots), out, state.get());
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
  return out.dense.values;
}

TEST(MixTest, WeighsAndDividesColumnByColumn) {
  const Mix mean(
      2, {{.width = 2, .weight = 3, .targets = {}}, {.width = 2, .weight = 1, .targets = {}}}, 4);
  EXPECT_EQ(answer_of(mean, {{1, 2}, {5, 6}}), (Numbers{2, 3}));
}

TEST(MixTest, PutsTheColumnsOfAMemberThatLacksSomeWhereTheyBelong) {
  const Mix sum(
      3, {{.width = 1, .weight = 1, .targets = {2}}, {.width = 2, .weight = 1, .targets = {2, 0}}},
      1);
  EXPECT_EQ(answer_of(sum, {{1}, {0.25, 0.75}}), (Numbers{0.75, 0, 1.25}));
}

TEST(LogMeanTest, LeavesAClassThatNobodyHasAtMinusInfinity) {
  const LogMean mean(
      2, {{.width = 1, .weight = 1, .targets = {1}}, {.width = 1, .weight = 1, .targets = {1}}});
  const Numbers answer = answer_of(mean, {{std::log(0.5)}, {std::log(0.25)}});
  EXPECT_EQ(answer[0], -std::numeric_limits<double>::infinity());
  EXPECT_NEAR(answer[1], std::log(0.375), 1e-15);
}

TEST(WeightedMedianTest, IsTheFirstByWhichHalfOfTheWeightIsReached) {
  EXPECT_EQ(answer_of(WeightedMedian({1, 1, 1}), {{3}, {1}, {2}}), Numbers{2});
  EXPECT_EQ(answer_of(WeightedMedian({1, 5, 1}), {{3}, {1}, {2}}), Numbers{1});
  EXPECT_EQ(answer_of(WeightedMedian({1, 1}), {{3, 1}}), Numbers{1});
}

TEST(VoteTest, CountsForTheClassAndAgainstTheOthers) {
  const Vote votes(
      3, {{.classes = {0, 1, 2}, .hit = 2, .miss = -1}, {.classes = {2, 0}, .hit = 1, .miss = 0}},
      1);
  EXPECT_EQ(answer_of(votes, {{1}, {0}}), (Numbers{-1, 2, 0}));
}

TEST(VoteTest, GivesNothingToAnIndexThatIsNoClass) {
  const Vote votes(2, {{.classes = {0, 1}, .hit = 1, .miss = 0}}, 1);
  EXPECT_EQ(answer_of(votes, {{7}}), (Numbers{0, 0}));
  EXPECT_EQ(answer_of(votes, {{std::nan("")}}), (Numbers{0, 0}));
}

TEST(TranslateTest, LooksUpWhatStandsAtAnIndex) {
  EXPECT_EQ(answer_of(Translate({{10, 20}, {-1, 1}}), {{1, 0}}), (Numbers{20, -1}));
}

TEST(SammeShareTest, TakesTheMeanOfTheLogarithmsAway) {
  const Numbers share = answer_of(SammeShare(2), {{0.8, 0.2}});
  EXPECT_NEAR(share[0], std::log(0.8) - (std::log(0.8) + std::log(0.2)) / 2, 1e-15);
  EXPECT_NEAR(share[0] + share[1], 0, 1e-15);
  EXPECT_TRUE(std::isfinite(answer_of(SammeShare(2), {{1, 0}})[1]));
}

TEST(ThresholdTest, DecidesAtTheEdgeAsItIsTold) {
  const auto at = [](bool includes, double x) {
    return answer_of(Threshold(1, {.threshold = 0.5, .includes = includes, .below = 1, .above = 0}),
                     {{x}})[0];
  };
  EXPECT_EQ(at(false, 0.5), 1);
  EXPECT_EQ(at(true, 0.5), 0);
  EXPECT_EQ(at(true, std::nan("")), 1);
}

TEST(SharesTest, TreatsASumOfZeroAsTheReleaseDoes) {
  const auto of = [](Shares::OfZero rule) { return answer_of(Shares(2, rule), {{0, 0}}); };
  EXPECT_TRUE(std::isnan(of(Shares::OfZero::Nan)[0]));
  EXPECT_EQ(of(Shares::OfZero::Zero), (Numbers{0, 0}));
  EXPECT_EQ(of(Shares::OfZero::Uniform), (Numbers{0.5, 0.5}));
  EXPECT_EQ(answer_of(Shares(2, Shares::OfZero::Nan), {{1, 3}}), (Numbers{0.25, 0.75}));
}

TEST(LargestTest, TakesTheFirstOrTheLastOfEquals) {
  EXPECT_EQ(answer_of(Largest(3, false), {{1, 2, 2}}), Numbers{1});
  EXPECT_EQ(answer_of(Largest(3, true), {{1, 2, 2}}), Numbers{2});
}

TEST(PairVotesTest, BreaksTiesOfVotesByConfidence) {
  // Each class wins once; the last is surest.
  const Numbers scores = answer_of(PairVotes(3), {{0, 1, 0}, {-0.1, 5, -0.1}});
  EXPECT_EQ(std::max_element(scores.begin(), scores.end()) - scores.begin(), 2);
  EXPECT_LT(std::abs(scores[2] - 1), 1.0 / 3);
}

TEST(NearestCodeTest, TakesTheFirstOfEquals) {
  const NearestCode nearest(2, {0, 0, 1, 1, 1, 1});
  EXPECT_EQ(answer_of(nearest, {{0.9, 0.8}}), Numbers{1});
  EXPECT_EQ(answer_of(nearest, {{0.5, 0.5}}), Numbers{0});
}

TEST(CalibrateTest, GivesTheFirstOfTwoClassesWhatTheSecondLeaves) {
  const Calibrate sigmoid(2, {{SigmoidCurve{-1, 0}, 1}});
  EXPECT_EQ(answer_of(sigmoid, {{0}}), (Numbers{0.5, 0.5}));
}

TEST(CalibrateTest, GivesAllAlikeWhereAllCurvesAreZero) {
  const StepCurve zero{.x = {0, 1}, .y = {0, 0}};
  const Calibrate isotonic(4, {{zero, 0}, {zero, 1}, {zero, 2}, {zero, 3}});
  EXPECT_EQ(answer_of(isotonic, {{1, 2, 3, 4}}), (Numbers{0.25, 0.25, 0.25, 0.25}));
}

TEST(StepCurveTest, IsLevelOutsideItsPoints) {
  const StepCurve curve{.x = {0, 1, 3}, .y = {0.25, 0.5, 1}};
  EXPECT_EQ(curve.at(-5), 0.25);
  EXPECT_EQ(curve.at(0.5), 0.375);
  EXPECT_EQ(curve.at(3), 1);
  EXPECT_EQ(curve.at(9), 1);
  EXPECT_EQ((StepCurve{.x = {2}, .y = {0.5}}).at(7), 0.5);
}

TEST(TemperatureTest, HeatsScoresAndLogarithmsOfProbabilities) {
  EXPECT_EQ(answer_of(Temperature(2, 2, false), {{3, 3}}), (Numbers{0.5, 0.5}));
  const Numbers shares = answer_of(Temperature(2, 1, true), {{0.75, 0.25}});
  EXPECT_NEAR(shares[0], 0.75, 1e-11);
}

TEST(UfuncTest, IsFoundByItsNameAlone) {
  EXPECT_NE(find_ufunc("log1p"), nullptr);
  EXPECT_NE(find_ufunc("abs"), nullptr);
  EXPECT_NE(find_ufunc("trunc"), nullptr);
  EXPECT_EQ(find_ufunc(""), nullptr);
  EXPECT_EQ(find_ufunc("log1"), nullptr);
  EXPECT_EQ(find_ufunc("zzz"), nullptr);
}

TEST(UfuncTest, AnswersAsNumPyDoes) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(find_ufunc("rint")->of(2.5), 2);
  EXPECT_EQ(find_ufunc("sign")->of(-3), -1);
  EXPECT_EQ(find_ufunc("reciprocal")->of(0), infinity);
  EXPECT_EQ(find_ufunc("nan_to_num")->of(std::nan("")), 0);
  EXPECT_EQ(find_ufunc("nan_to_num")->of(infinity), std::numeric_limits<double>::max());
  EXPECT_TRUE(std::isnan(find_ufunc("sign")->of(std::nan(""))));
}

TEST(BuilderTest, WiresTheSameStepToTheSameEndsOnce) {
  Builder builder;
  const auto first = builder.finite(Builder::input(), 3);
  const auto again = builder.finite(Builder::input(), 3);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(first->slot, again->slot);
  const auto checked = builder.finite(*first, 3);
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->slot, first->slot);
  const auto narrower = builder.finite(*first, 3, {.nan = false, .float32_only = true});
  ASSERT_TRUE(narrower.ok());
  EXPECT_NE(narrower->slot, first->slot);
}

TEST(BuilderTest, RefusesEstimatorsWithoutEnd) {
  Builder builder;
  for (std::size_t i = 0; i < Builder::kPartsMax; ++i) ASSERT_TRUE(builder.count_part().ok());
  const auto more = builder.count_part();
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().message(), "plan: expected at most 1000000 estimators in all, got more");
}

}  // namespace
}  // namespace plan
