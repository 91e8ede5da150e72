#include "contract/answer.h"

#include <gtest/gtest.h>

namespace contract {
namespace {

using plan::Method;

TEST(AnswerTextTest, ARowIsABareValueWhereScikitLearnHasOneDimension) {
  const plan::Output one{.names = {"y"}};
  const plan::Output two{.names = {"y0", "y1"}};
  for (const Method method : {Method::Predict, Method::DecisionFunction, Method::ScoreSamples}) {
    EXPECT_FALSE(AnswerText(method, one).rows_are_arrays()) << plan::method_name(method);
    EXPECT_TRUE(AnswerText(method, two).rows_are_arrays()) << plan::method_name(method);
  }
  for (const Method method : {Method::Transform, Method::PredictProba, Method::PredictLogProba}) {
    EXPECT_TRUE(AnswerText(method, one).rows_are_arrays()) << plan::method_name(method);
  }
}

TEST(AnswerTextTest, TheLeafOfASingleTreeIsABareValueAndThoseOfAForestAreAnArray) {
  const plan::Output tree{.names = {"apply"}, .flat = true};
  const plan::Output forest{.names = {"apply"}};
  EXPECT_FALSE(AnswerText(Method::Apply, tree).rows_are_arrays());
  EXPECT_TRUE(AnswerText(Method::Apply, forest).rows_are_arrays());
}

}  // namespace
}  // namespace contract
