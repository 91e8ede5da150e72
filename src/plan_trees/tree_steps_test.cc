// The steps around trees, each alone.
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "plan_dense/pairwise_sum.h"
#include "plan_trees/boosting.h"
#include "plan_trees/category_bytes.h"
#include "plan_trees/groups.h"
#include "plan_trees/isolation.h"
#include "plan_trees/leaf_columns.h"
#include "plan_trees/trees.h"

namespace plan {
namespace {

using Numbers = std::vector<double>;

Buffer rows_of(std::size_t columns, Numbers values) {
  Buffer buffer;
  buffer.dense = {values.size() / columns, columns, std::move(values)};
  return buffer;
}

// One step on what one or two others left.
Buffer run_step(const Step& step, std::span<const Buffer> inputs, std::size_t rows) {
  data::Frame frame{data::Signature{}};
  for (std::size_t i = 0; i < rows; ++i) frame.add_row();
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < inputs.size(); ++i) slots.push_back(i);
  Buffer out;
  const auto state = step.make_state();
  const auto done = step.run(Inputs(Window::all_of(frame), inputs, slots), out, state.get());
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
  return out;
}

Numbers run_numbers(const Step& step, std::size_t columns, const Numbers& values) {
  const Buffer input = rows_of(columns, values);
  return run_step(step, std::span(&input, 1), values.size() / columns).dense.values;
}

// One tree of one decision, x0 <= 0, whose leaves have 1 and 2 and are called 7 and 8.
std::shared_ptr<const forest::Forest> stump() {
  forest::Ensemble ensemble;
  ensemble.features = 1;
  ensemble.numbered = true;
  ensemble.trees.push_back(
      {.nodes = {{.left = ~0, .right = ~1}}, .leaf_values = {1, 2}, .leaf_numbers = {7, 8}});
  auto made = forest::Forest::make(ensemble);
  EXPECT_TRUE(made.ok());
  return std::make_shared<const forest::Forest>(*std::move(made));
}

TEST(TreesStepTest, StartsWhereItIsTold) {
  const Numbers rows = {-1, 1};
  EXPECT_EQ(run_numbers(Trees(Form::Dense, 1, stump(), nullptr), 1, rows), (Numbers{1, 2}));
  EXPECT_EQ(run_numbers(Trees(Form::Dense, 1, stump(), nullptr, {0.5}), 1, rows),
            (Numbers{1.5, 2.5}));
  const Trees started(Form::Dense, 1, stump(), nullptr);
  const Buffer inputs[] = {rows_of(1, rows), rows_of(1, {10, 20})};
  EXPECT_EQ(run_step(started, inputs, 2).dense.values, (Numbers{11, 22}));
  EXPECT_FALSE(started.same_as(Trees(Form::Dense, 1, stump(), nullptr)));
}

TEST(LeavesStepTest, GivesTheNumbersOfTheLibrary) {
  EXPECT_EQ(run_numbers(Leaves(Form::Dense, stump()), 1, {-1, 1}), (Numbers{7, 8}));
  Buffer sparse;
  sparse.sparse.clear(1);
  sparse.sparse.push(0, 3);
  sparse.sparse.end_row();
  sparse.sparse.end_row();
  const Leaves leaves(Form::Sparse, stump());
  EXPECT_EQ(run_step(leaves, std::span(&sparse, 1), 2).dense.values, (Numbers{8, 7}));
}

TEST(GroupsTest, ChoosesAndDividesEachGroupByItself) {
  const Numbers row = {1, 3, 0, 0, 0, 2, 2};
  EXPECT_EQ(run_numbers(LargestOfGroups({2, 3, 2}), 7, row), (Numbers{1, 0, 0}));
  EXPECT_EQ(run_numbers(SharesOfGroups({2, 3, 2}), 7, row),
            (Numbers{0.25, 0.75, 0, 0, 0, 0.5, 0.5}));
}

TEST(PairwiseSumTest, AddsInTheOrderOfNumPy) {
  // Eight lanes: 1e16 meets -1e16 in its own, so nothing of the ones is lost.
  Numbers values(16, 1.0);
  values[0] = 1e16;
  values[8] = -1e16;
  EXPECT_EQ(pairwise_sum(values.data(), values.size()), 14);
  EXPECT_EQ(pairwise_sum(values.data(), 3), 1e16);
  const Numbers many(1000, 0.1);
  EXPECT_NEAR(pairwise_sum(many.data(), many.size()), 100, 1e-12);
}

TEST(BoostingTest, MakesRawScoresOfProbabilities) {
  const Numbers pair = {0.25, 0.75};
  const auto raw = [&](RawKind kind) { return run_numbers(RawScores(kind, 1e-7, 2), 2, pair); };
  EXPECT_DOUBLE_EQ(raw(RawKind::LogOdds).at(0), std::log(3));
  EXPECT_DOUBLE_EQ(raw(RawKind::HalfLogOdds).at(0), std::log(3) / 2);
  EXPECT_DOUBLE_EQ(raw(RawKind::Logit).at(0), std::log(3));
  EXPECT_DOUBLE_EQ(raw(RawKind::HalfLogit).at(0), std::log(3) / 2);
  EXPECT_EQ(raw(RawKind::Log), (Numbers{std::log(0.25), std::log(0.75)}));
  const Numbers centred = raw(RawKind::CentredLog);
  EXPECT_DOUBLE_EQ(centred.at(1), std::log(3) / 2);
  EXPECT_DOUBLE_EQ(centred.at(0) + centred.at(1) + 1, 1);
  EXPECT_EQ(run_numbers(RawScores(RawKind::Logit, 0.25, 2), 2, {1, 0}),
            Numbers{std::log(0.25 / 0.75)});
}

TEST(BoostingTest, TakesZeroForTheSecondClass) {
  EXPECT_EQ(run_numbers(NotBelowZero(), 1, {-1, -0.0, 0, 1}), (Numbers{0, 1, 1, 1}));
}

TEST(BoostingTest, RoundsToFloat32) {
  EXPECT_EQ(run_numbers(RoundToFloat32(Form::Dense, 2), 2, {0.1, 2}),
            (Numbers{static_cast<double>(0.1F), 2}));
}

TEST(IsolationTest, AnswersAsEachReleaseDid) {
  using Answer = IsolationScore::Answer;
  const IsolationScore::Settings now = {.by = 4, .one_where_by_is_zero = true, .offset = -0.5};
  const Numbers depths = {4, 8};
  EXPECT_EQ(run_numbers(IsolationScore(Answer::Score, now), 1, depths), (Numbers{-0.5, -0.25}));
  EXPECT_EQ(run_numbers(IsolationScore(Answer::Decision, now), 1, depths), (Numbers{0, 0.25}));
  EXPECT_EQ(run_numbers(IsolationScore(Answer::Side, now), 1, {2, 4}), (Numbers{-1, 1}));
  const IsolationScore::Settings first = {
      .mean_of = 2, .by = 2, .from_half = true, .threshold_is_outlier = true};
  EXPECT_EQ(run_numbers(IsolationScore(Answer::Decision, first), 1, depths), (Numbers{0, 0.25}));
  EXPECT_EQ(run_numbers(IsolationScore(Answer::Side, first), 1, depths), (Numbers{-1, 1}));
  const IsolationScore::Settings one_sample = {.by = 0, .one_where_by_is_zero = true};
  EXPECT_EQ(run_numbers(IsolationScore(Answer::Score, one_sample), 1, {0}), Numbers{-0.5});
}

TEST(OnesAtTest, PutsOnesIntoTheColumns) {
  EXPECT_EQ(run_numbers(OnesAt(Form::Dense, 4), 2, {0, 3, 1, 2}),
            (Numbers{1, 0, 0, 1, 0, 1, 1, 0}));
  const Buffer row = rows_of(2, {0, 3});
  const Buffer sparse = run_step(OnesAt(Form::Sparse, 4), std::span(&row, 1), 1);
  EXPECT_EQ(sparse.sparse.indices, (std::vector<std::uint32_t>{0, 3}));
}

TEST(CategoryBytesTest, GoesRoundOrIsMissing) {
  constexpr double kHuge = 1e30;
  const Numbers column = {2.5, 257, -1, kHuge};
  const Numbers now = run_numbers(CategoryBytes(1, {0}, true), 1, column);
  EXPECT_EQ(now[0], 2);
  EXPECT_EQ(now[1], 1);
  EXPECT_TRUE(std::isnan(now[2]));
  EXPECT_EQ(now[3], 0);
  EXPECT_EQ(run_numbers(CategoryBytes(1, {0}, false), 1, column), (Numbers{2, 1, 255, 0}));
  EXPECT_EQ(run_numbers(CategoryBytes(2, {1}, true), 2, {2.5, 3.5}), (Numbers{2.5, 3}));
}

}  // namespace
}  // namespace plan
