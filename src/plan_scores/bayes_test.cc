#include "plan_scores/bayes.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"

namespace plan {
namespace {

using test_run::answer;
using test_run::refusal;

using Scores = std::vector<double>;

TEST(GaussianLikelihoodTest, TakesHalfOfTheSquaresFromEachConstant) {
  const GaussianLikelihood step({10, 20}, {0, 0, 0, 0, 0, 1, 1, 1, 1, 1},
                                {1, 1, 1, 1, 2, 4, 4, 4, 4, 4});
  EXPECT_EQ(answer(step, 5, {1, 2, 0, 0, 2}), (Scores{10 - 3.5, 20 - 0.5}));
}

TEST(CategoryLikelihoodTest, AddsWhatEachCategorySays) {
  const CategoryLikelihood step({0.5, -0.5}, {{1, 2, 3, 4}, {10, 20, 30, 40, 50, 60}}, {});
  EXPECT_EQ(answer(step, 2, {1, 2}), (Scores{53.5, 63.5}));
}

TEST(CategoryLikelihoodTest, CutsFractionsOffAsAConversionToInt) {
  const CategoryLikelihood step({0}, {{1, 2}}, {});
  EXPECT_EQ(answer(step, 1, {1.9, -0.9}), (Scores{2, 1}));
}

TEST(CategoryLikelihoodTest, RefusesCategoriesThatItHasNot) {
  const CategoryLikelihood step({0}, {{1, 2}, {1, 2}}, {"age", "sex"});
  EXPECT_EQ(refusal(step, 2, {0, 0, 1, 2}),
            "row 1, column \"sex\": expected a category from 0 to 1, got 2");
  EXPECT_EQ(refusal(step, 2, {-1, 0}),
            "row 0, column \"age\": expected a category from 0 to 1, got -1");
  EXPECT_NE(refusal(step, 2, {std::nan(""), 0}), "");
  EXPECT_NE(refusal(step, 2, {1e300, 0}), "");
}

}  // namespace
}  // namespace plan
