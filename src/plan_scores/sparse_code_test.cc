#include "plan_scores/sparse_code.h"

#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"

namespace plan {
namespace {

using Algorithm = SparseCode::Algorithm;
using Codes = std::vector<double>;

// Atoms at right angles, for which the answer of each algorithm can be said.
Matrix right_angles() { return {3, 3, {1, 0, 0, 0, 1, 0, 0, 0, 1}}; }

Codes code_of(const SparseCode::Options& options, Codes row = {3, -2, 1}) {
  return test_run::answer(SparseCode(right_angles(), options), 3, std::move(row));
}

TEST(SparseCodeTest, ShrinksWhatIsAboveAThreshold) {
  SparseCode::Options options{.algorithm = Algorithm::Threshold, .alpha = 1.5};
  EXPECT_EQ(code_of(options), (Codes{1.5, -0.5, 0}));
  options.positive = true;
  EXPECT_EQ(code_of(options), (Codes{1.5, 0, 0}));
  options = {.algorithm = Algorithm::Threshold, .alpha = 1.5, .split_sign = true};
  EXPECT_EQ(code_of(options), (Codes{1.5, 0, 0, 0, 0.5, 0}));
}

TEST(SparseCodeTest, PursuesAsManyAtomsAsItMay) {
  EXPECT_EQ(code_of({.nonzero = 2}), (Codes{3, -2, 0}));
  EXPECT_EQ(code_of({.nonzero = 3}), (Codes{3, -2, 1}));
  // What is left of it is not worth an atom.
  EXPECT_EQ(code_of({.nonzero = 3}, {0, 1, 1e-9}), (Codes{0, 1, 0}));
  EXPECT_EQ(code_of({.nonzero = 3}, {0, 0, 0}), (Codes{0, 0, 0}));
}

// The two atoms that are closest are not at right angles: least squares takes part from each.
TEST(SparseCodeTest, PursuesAtomsThatAreNotAtRightAngles) {
  const Matrix atoms{2, 2, {1, 0, 0.6, 0.8}};
  const Codes code = test_run::answer(SparseCode(atoms, {.nonzero = 2}), 2, {1, 1});
  ASSERT_EQ(code.size(), 2U);
  EXPECT_NEAR(code[0], 0.25, 1e-15);
  EXPECT_NEAR(code[1], 1.25, 1e-15);
  // Early releases took the atoms for unit ones, and these are.
  EXPECT_EQ(test_run::answer(SparseCode(atoms, {.nonzero = 2, .unit_atoms = true}), 2, {1, 1}),
            code);
}

TEST(SparseCodeTest, StopsWhereTheLeastAnglesAreToldTo) {
  SparseCode::Options options{.algorithm = Algorithm::LeastAngle,
                              .angle = {.alpha_min = 1.0 / 3, .samples = 3}};
  const Codes lasso = code_of(options);
  ASSERT_EQ(lasso.size(), 3U);
  EXPECT_NEAR(lasso[0], 2, 1e-12);
  EXPECT_NEAR(lasso[1], -1, 1e-12);
  EXPECT_EQ(lasso[2], 0);
  options.angle = {.lasso = false, .steps = 1, .samples = 3};
  EXPECT_EQ(code_of(options), (Codes{1, 0, 0}));
  options.angle.positive = true;
  options.angle.steps = 3;
  // Ends between the last two steps where what is not active points the other way.
  const Codes positive = code_of(options);
  EXPECT_NEAR(positive[0], 7.0 / 3, 1e-12);
  EXPECT_NEAR(positive[2], 1.0 / 3, 1e-12);
}

TEST(SparseCodeTest, DescendsCoordinates) {
  using Screening = CoordinateDescent::Screening;
  for (const auto screening : {Screening::Never, Screening::All, Screening::Remaining}) {
    SparseCode::Options options{.algorithm = Algorithm::CoordinateDescent,
                                .descent = {.alpha = 1, .screening = screening}};
    EXPECT_EQ(code_of(options), (Codes{2, -1, 0}));
    options.descent.positive = true;
    EXPECT_EQ(code_of(options), (Codes{2, 0, 0}));
    options.descent = {.alpha = 0, .tolerance = 1e-8, .screening = screening};
    EXPECT_EQ(code_of(options), (Codes{3, -2, 1}));
    options.descent.rounds = 0;
    EXPECT_EQ(code_of(options), (Codes{0, 0, 0}));
  }
}

TEST(SparseCodeTest, SeesAtomsThatAreAlike) {
  EXPECT_FALSE(SparseCode(right_angles(), {}).has_equal_atoms());
  EXPECT_TRUE(SparseCode({2, 2, {1, 1, -1, -1}}, {}).has_equal_atoms());
  EXPECT_FALSE(SparseCode({2, 2, {1, 1, 2, 2}}, {}).has_equal_atoms());
}

// What a damaged file may hold ends, whatever it says.
TEST(SparseCodeTest, EndsWithNumbersThatAreNone) {
  const double most = std::numeric_limits<double>::max();
  const Matrix atoms{3, 2, {most, 1, -most, 1, 1, most}};
  for (const auto algorithm : {Algorithm::Threshold, Algorithm::MatchingPursuit,
                               Algorithm::LeastAngle, Algorithm::CoordinateDescent}) {
    const SparseCode step(atoms, {.algorithm = algorithm, .nonzero = 3});
    EXPECT_EQ(test_run::answer(step, 2, {most, -1}).size(), 3U);
  }
}

}  // namespace
}  // namespace plan
