// The steps that prepare features: scale, bin, multiply, place, fill in.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"
#include "plan_kernels/random_features.h"
#include "plan_neighbors/centers.h"
#include "plan_neighbors/impute_nearest.h"
#include "plan_preparation/discretize.h"
#include "plan_preparation/normalize.h"
#include "plan_preparation/polynomial.h"
#include "plan_preparation/power.h"
#include "plan_preparation/quantile.h"
#include "plan_preparation/scale.h"
#include "plan_preparation/spline.h"

namespace plan {
namespace {

using test_run::answer;
using test_run::refusal;
using Row1 = std::vector<double>;

const double kNone = std::nan("");

TEST(MultiplyAddTest, RoundsTheProductAndTheSum) {
  EXPECT_EQ(answer(MultiplyAdd({2, 0.1}, {1, -1}), 2, {3, 10, -1, 0}), (Row1{7, 0, -1, -1}));
}

TEST(ClipTest, KeepsWhatIsNotANumber) {
  const Row1 clipped = answer(Clip(Form::Dense, 4, -1, 1), 4, {-2, 0.5, 7, kNone});
  EXPECT_EQ(Row1(clipped.begin(), clipped.begin() + 3), (Row1{-1, 0.5, 1}));
  EXPECT_TRUE(std::isnan(clipped[3]));
}

TEST(NormalizeRowsTest, DividesByTheNormUnlessItIsZero) {
  using Norm = NormalizeRows::Norm;
  EXPECT_EQ(answer(NormalizeRows(Form::Dense, 2, Norm::L2), 2, {3, 4, 0, 0}),
            (Row1{0.6, 0.8, 0, 0}));
  EXPECT_EQ(answer(NormalizeRows(Form::Dense, 2, Norm::L1), 2, {1, -3}), (Row1{0.25, -0.75}));
  EXPECT_EQ(answer(NormalizeRows(Form::Dense, 2, Norm::Max), 2, {1, -4}), (Row1{0.25, -1}));
  EXPECT_EQ(answer(NormalizeRows(Form::Dense, 2, Norm::SignedMax), 2, {2, -4}), (Row1{1, -2}));
  EXPECT_EQ(answer(NormalizeRows(Form::Dense, 2, Norm::SignedMax), 2, {-2, -4}), (Row1{1, 2}));
  EXPECT_EQ(answer(NormalizeRows(Form::Dense, 2, Norm::L2, 1e-3), 2, {3e-4, 4e-4, 3e-3, 4e-3}),
            (Row1{3e-4, 4e-4, 3e-3 / 5e-3, 4e-3 / 5e-3}));
}

TEST(CenterKernelTest, TakesTheMeansOfRowsAndColumnsAway) {
  EXPECT_EQ(answer(CenterKernel({1, 2}, 0.5), 2, {3, 5}), (Row1{3 - 1 - 4 + 0.5, 5 - 2 - 4 + 0.5}));
}

TEST(PolynomialTest, MultipliesDegreeByDegree) {
  const Polynomial all({.features = 2, .degree_max = 3, .bias = true});
  EXPECT_EQ(answer(all, 2, {2, 3}), (Row1{1, 2, 3, 4, 6, 9, 8, 12, 18, 27}));
  const Polynomial some({.features = 2, .degree_min = 2, .degree_max = 3});
  EXPECT_EQ(answer(some, 2, {2, 3}), (Row1{4, 6, 9, 8, 12, 18, 27}));
  const Polynomial apart({.features = 3, .degree_max = 3, .interaction_only = true});
  EXPECT_EQ(answer(apart, 3, {2, 3, 5}), (Row1{2, 3, 5, 6, 10, 15, 30}));
}

TEST(PolynomialTest, CountsTooManyAsNone) {
  EXPECT_EQ((PolynomialShape{.features = 1000, .degree_max = 3}.counts().outputs), 0U);
  EXPECT_EQ((PolynomialShape{.features = 3, .degree_max = 0, .bias = true}.counts().outputs), 1U);
}

TEST(DiscretizeTest, CountsTheEdgesBelow) {
  const Discretize plain({{{0, 1, 2}, 4}}, {});
  EXPECT_EQ(answer(plain, 1, {-5, 0, 0.99, 2, 9}), (Row1{0, 1, 1, 3, 3}));
  const Discretize tolerant({{{0, 1, 2}, 4}}, {.tolerant = true});
  EXPECT_EQ(answer(tolerant, 1, {0.999995}), Row1{2});
}

TEST(PowerTest, FollowsBothFormulasAndTheirInverses) {
  for (const double lambda : {0.0, 0.5, 2.0, -1.0}) {
    const double up = answer(Power(Power::Kind::YeoJohnson, {lambda}, {}), 1, {1.5})[0];
    EXPECT_NEAR(answer(Power(Power::Kind::InverseYeoJohnson, {lambda}, {}), 1, {up})[0], 1.5,
                1e-14);
    const double down = answer(Power(Power::Kind::YeoJohnsonExpm1, {lambda}, {}), 1, {-0.7})[0];
    EXPECT_NEAR(answer(Power(Power::Kind::InverseYeoJohnson, {lambda}, {}), 1, {down})[0], -0.7,
                1e-14);
    const double box = answer(Power(Power::Kind::BoxCox, {lambda}, {}), 1, {1.5})[0];
    EXPECT_NEAR(answer(Power(Power::Kind::InverseBoxCox, {lambda}, {}), 1, {box})[0], 1.5, 1e-14);
  }
  EXPECT_EQ(refusal(Power(Power::Kind::BoxCox, {1, 1}, {"a", "b"}), 2, {1, 0}),
            "row 0, column \"b\": expected a positive number for Box-Cox, got 0");
}

TEST(QuantileTest, TakesTheMiddleOfRepeatedQuantiles) {
  const Quantile::Fitted fitted{1, {0, 0.25, 0.5, 0.75, 1}, {0, 1, 1, 1, 3}, false};
  const Quantile place(Form::Dense, false, fitted);
  EXPECT_EQ(answer(place, 1, {-1, 0, 0.5, 1, 2, 3, 9}), (Row1{0, 0, 0.125, 0.5, 0.875, 1, 1}));
  const Quantile find(Form::Dense, true, fitted);
  EXPECT_EQ(answer(find, 1, {0, 0.1, 0.5, 0.875, 1}), (Row1{0, 0.4, 1, 2, 3}));
}

TEST(QuantileTest, KnowsTheNormalDistribution) {
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-17);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(normal_quantile(1e-7), -5.199337582192817, 1e-14);
  EXPECT_NEAR(normal_probability(normal_quantile(0.3)), 0.3, 1e-15);
}

TEST(SplineTest, IsAPartitionOfOneWithinTheKnots) {
  const Spline::Shape shape{.degree = 2, .splines = 3, .outside = Spline::Outside::Refuse};
  const Spline step(shape, {{.knots = {-2, -1, 0, 1, 2, 3}}}, {});
  EXPECT_EQ(answer(step, 1, {0.5}), (Row1{0.125, 0.75, 0.125}));
  EXPECT_EQ(refusal(step, 1, {1.5}),
            "row 0, feature 0: expected a number within the knots, got 1.5");
}

// As scikit-learn 1.9.1 answers for the second feature of SplineTransformer(2, degree=1,
// extrapolation="linear") fitted with 0 and 1.
TEST(SplineTest, WritesBothEndsWhereTheLowerOneIsTheHigher) {
  const Spline::Shape shape{.degree = 1, .splines = 2, .outside = Spline::Outside::Linear};
  const Spline::Feature feature{.knots = {-1, 0, 1, 2},
                                .low = 1,
                                .high = 0,
                                .at_low = {0, 1},
                                .slope_low = {-1, 1},
                                .at_high = {1, 0},
                                .slope_high = {-1, 1},
                                .ends = 2};
  EXPECT_EQ(answer(Spline(shape, {feature}, {}), 1, {0.25, -1, 3}),
            (Row1{0.75, 0.25, 2, -1, -2, 3}));
}

TEST(SplineTest, RefusesWhatIsBelowASingleSplineThatIsContinuedLinearly) {
  const Spline::Shape shape{.degree = 0, .splines = 1, .outside = Spline::Outside::Linear};
  const Spline::Feature feature{.knots = {0, 1},
                                .low = 1,
                                .high = 0,
                                .at_low = {1},
                                .slope_low = {0},
                                .at_high = {1},
                                .slope_high = {0},
                                .ends = 2};
  const Spline step(shape, {feature}, {});
  EXPECT_EQ(answer(step, 1, {1, 2}), (Row1{1, 1}));
  EXPECT_EQ(refusal(step, 1, {0.5}),
            "row 0, feature 0: expected a number not below the knots, got 0.5");
}

TEST(ImputeNearestTest, TakesTheMeanOfTheNearest) {
  ImputeNearest::Fitted fitted{.width = 2, .rows = {0, 1, 1, 2, 2, kNone, 5, 9}};
  fitted.neighbours = 2;
  fitted.kept = {0, 1};
  fitted.empty = {kNone, kNone};
  EXPECT_EQ(answer(ImputeNearest(fitted), 2, {0.4, kNone, 3, 7}), (Row1{0.4, 1.5, 3, 7}));
  fitted.by_distance = true;
  EXPECT_EQ(answer(ImputeNearest(fitted), 2, {1, kNone}), (Row1{1, 2}));
}

TEST(CountSketchTest, ConvolvesAround) {
  const CountSketch step(
      {.features = 2, .components = 3, .components_of = {0, 2, 1, 1}, .signs = {1, -1, 1, 1}});
  // (x0, 0, -x1) around with (0, x0 + x1, 0).
  EXPECT_EQ(answer(step, 2, {2, 3}), (Row1{-15, 10, 0}));
}

TEST(CentersTest, AnswersWithTheNearestAndTheDistances) {
  Matrix matrix;
  matrix.resize(2, 2);
  matrix.values = {0, 0, 3, 4};
  const auto centers = std::make_shared<const Centers>(matrix);
  EXPECT_EQ(answer(CenterDistances(centers), 2, {0, 0}), (Row1{0, 5}));
  EXPECT_EQ(answer(NearestCenter(centers, {7, 8}), 2, {3, 3, 0, 1}), (Row1{8, 7}));
}

TEST(CentersTest, HalvesDownTheTree) {
  const BisectCenters step(1, {{.left = 1, .right = 2},
                               {.label = 4, .center = {0}},
                               {.left = 3, .right = 4, .center = {10}},
                               {.label = 5, .center = {8}},
                               {.label = 6, .center = {12}}});
  EXPECT_EQ(answer(step, 1, {-3, 9, 40}), (Row1{4, 5, 6}));
}

TEST(PoolFeaturesTest, PoolsEachGroup) {
  using Pool = PoolFeatures::Pool;
  EXPECT_EQ(answer(PoolFeatures(Pool::Mean, {0, 1, 0}, 2), 3, {1, 2, 4}), (Row1{2.5, 2}));
  EXPECT_EQ(answer(PoolFeatures(Pool::Max, {0, 1, 0}, 2), 3, {1, 2, 4}), (Row1{4, 2}));
  EXPECT_EQ(answer(PoolFeatures(Pool::Min, {0, 1, 0}, 2), 3, {1, 2, 4}), (Row1{1, 2}));
}

}  // namespace
}  // namespace plan
