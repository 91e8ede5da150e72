#include "plan_neighbors/embedding.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"
#include "plan_neighbors/neighbor_answers.h"
#include "plan_neighbors/propagate.h"
#include "plan_scores/whitened.h"

namespace plan {
namespace {

using Values = std::vector<double>;
constexpr double kFar = std::numeric_limits<double>::infinity();

Geodesic::Fitted two_rows_apart(bool within_radius) {
  return {.distances = {2, 2, {0, 2, 2, 0}},
          .means = {-1, -1},
          .mean = -1,
          .vectors = {2, 1, {1, -1}},
          .within_radius = within_radius};
}

TEST(GeodesicTest, GoesThroughTheNearest) {
  const Geodesic nearest(two_rows_apart(false));
  EXPECT_EQ(test_run::answer(nearest, 2, {1, 0}), Values{4});
  EXPECT_EQ(test_run::answer(nearest, 2, {1, 1}), Values{-4});
  const Geodesic within(two_rows_apart(true));
  EXPECT_EQ(test_run::answer(within, 2, {1, kFar}), Values{4});
  EXPECT_EQ(test_run::answer(within, 2, {1, 1}), Values{0});
}

TEST(GeodesicTest, RefusesARowWithoutNeighbours) {
  EXPECT_EQ(test_run::refusal(Geodesic(two_rows_apart(true)), 2, {1, 1, kFar, kFar}),
            "row 1: expected a neighbour within the radius, got none");
}

std::string barycenter_of(double x, double regularization, Values& values) {
  const Barycenter step(
      {.rows = {2, 1, {0, 2}}, .embedding = {2, 1, {10, 20}}, .regularization = regularization});
  const Buffer inputs[] = {{.dense = {1, 1, {x}}}, {.dense = {1, 4, {x, 2 - x, 0, 1}}}};
  data::Frame frame{data::Signature{}};
  frame.add_row();
  const std::vector<std::size_t> slots = {0, 1};
  Buffer out;
  const auto state = step.make_state();
  const auto done = step.run(Inputs(Window::all_of(frame), inputs, slots), out, state.get());
  values = out.dense.values;
  return done.ok() ? "" : done.error().message();
}

TEST(BarycenterTest, WeighsNeighbours) {
  Values values;
  EXPECT_EQ(barycenter_of(1, 0.5, values), "");
  ASSERT_EQ(values.size(), 1U);
  EXPECT_NEAR(values[0], 15, 1e-14);
  EXPECT_EQ(barycenter_of(0.5, 1e-12, values), "");
  EXPECT_NEAR(values[0], 12.5, 1e-3);
  EXPECT_EQ(barycenter_of(1, -1, values),
            "row 0: expected neighbours that weights can be found for, got others");
}

// What an AMD EPYC of 2.6 GHz took, within a factor that says where to run a row.
TEST(BarycenterTest, SaysWhatARowCosts) {
  const struct {
    std::size_t neighbors, features, outputs;
    double measured_ns;
  } cases[] = {{5, 10, 2, 470},      {5, 300, 10, 1500},   {12, 100, 2, 3300},
               {30, 30, 10, 18'000}, {100, 2, 2, 400'000}, {100, 300, 10, 600'000}};
  for (const auto& [neighbors, features, outputs, measured_ns] : cases) {
    const Barycenter step(
        {.rows = {0, features, {}}, .embedding = {0, outputs, {}}, .neighbors = neighbors});
    EXPECT_GT(step.row_ns(), measured_ns / 1.5) << neighbors << ' ' << features;
    EXPECT_LT(step.row_ns(), measured_ns * 1.5) << neighbors << ' ' << features;
  }
}

TEST(PropagateTest, SumsAndSharesLabels) {
  const NeighborLabelSums sums({3, 2, {1, 0, 0, 1, 0.5, 0.5}});
  EXPECT_EQ(test_run::answer(sums, 4, {0.1, 0.2, 0, 2}), (Values{1.5, 0.5}));
  EXPECT_EQ(test_run::answer(LabelShares(), 2, {1.5, 0.5}), (Values{0.75, 0.25}));
  const Values none = test_run::answer(LabelShares(), 2, {0, 0});
  ASSERT_EQ(none.size(), 2U);
  EXPECT_NE(none[0], none[0]);
}

TEST(RadiusGraphTest, LeavesTheNearestFirst) {
  Buffer input{.sparse = test_run::finite_of({1, 4, {3, kFar, 1, 0}})};
  data::Frame frame{data::Signature{}};
  frame.add_row();
  const std::vector<std::size_t> slots = {0};
  for (const bool distances : {false, true}) {
    const RadiusGraph step(distances);
    const auto state = step.make_state();
    Buffer out;
    ASSERT_TRUE(
        step.run(Inputs(Window::all_of(frame), std::span(&input, 1), slots), out, state.get())
            .ok());
    const std::vector<std::uint32_t> near = {3, 2, 0};
    const std::vector<std::uint32_t> placed = {0, 2, 3};
    EXPECT_EQ(out.sparse.indices, distances ? near : placed);
    EXPECT_EQ(out.sparse.values, distances ? (Values{0, 1, 3}) : (Values{1, 1, 1}));
  }
}

TEST(ThresholdRootTest, ComparesPowers) {
  EXPECT_EQ(test_run::answer(ThresholdRoot(1), 1, {-1, 0}), (Values{0, 1}));
}

}  // namespace
}  // namespace plan
