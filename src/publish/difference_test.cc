#include "publish/difference.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "publish/test_workspace.h"

namespace publish {
namespace {

class DifferenceTest : public PublishTest {
 protected:
  Difference find(const workspace::Version& before, const workspace::Version& after) {
    auto found = find_difference(workspace_->layout(), before.digest, after.digest);
    EXPECT_TRUE(found.ok()) << found.error().message();
    return found.ok() ? *std::move(found) : Difference{};
  }
  workspace::Version add(const std::string& model, const std::string& example = "") {
    return must_register(
               {.path = data(model), .name = "m", .example = example.empty() ? "" : data(example)})
        .version;
  }
  static const Difference::Item* item(const std::vector<Difference::Item>& items,
                                      const std::string& what) {
    const auto at = std::find_if(items.begin(), items.end(),
                                 [&](const auto& each) { return each.what == what; });
    return at == items.end() ? nullptr : &*at;
  }
};

TEST_F(DifferenceTest, AVersionDoesNotDifferFromItself) {
  const auto version = add("passengers.joblib", "passengers.csv");
  const Difference difference = find(version, version);
  EXPECT_TRUE(difference.is_empty());
  ASSERT_TRUE(difference.answers.has_value());
  EXPECT_EQ(difference.answers->equal, difference.answers->values);
  EXPECT_EQ(to_text(difference).find("parameters"), std::string::npos);
}

TEST_F(DifferenceTest, SaysWhichParametersColumnsAndFilesChanged) {
  const Difference difference =
      find(add("flowers.joblib", "flowers.csv"), add("passengers.joblib", "passengers.csv"));
  const auto* gone = item(difference.signature, "input \"petal_length\"");
  ASSERT_NE(gone, nullptr);
  EXPECT_EQ(gone->before, "number");
  EXPECT_EQ(gone->after, "");
  const auto* added = item(difference.signature, "input \"port\"");
  ASSERT_NE(added, nullptr);
  EXPECT_EQ(added->before, "");
  EXPECT_FALSE(difference.parameters.empty());
  EXPECT_NE(item(difference.files, "file model.joblib"), nullptr);
}

TEST_F(DifferenceTest, AnswersOfOtherColumnsAreNotCompared) {
  const Difference difference =
      find(add("flowers.joblib", "flowers.csv"), add("passengers.joblib", "passengers.csv"));
  EXPECT_FALSE(difference.answers.has_value());
  EXPECT_EQ(difference.answers_note,
            "the golden rows have no column \"age\", which the second reads");
  EXPECT_EQ(nlohmann::json::parse(to_json(difference))["answers"]["note"], difference.answers_note);
}

// A match and plain columns have no question in common.
TEST_F(DifferenceTest, AnswersOfAnotherRecipeAreNotCompared) {
  const auto columns = add("flowers.joblib");
  const auto match =
      must_register({.path = SOOTH_SOURCE_DIR "/demos/faq/similarity", .name = "m"}).version;
  EXPECT_FALSE(find(columns, match).answers.has_value());
  EXPECT_FALSE(find(match, columns).answers.has_value());
  EXPECT_NE(item(find(columns, match).signature, "candidates"), nullptr);
}

TEST_F(DifferenceTest, ReportsHowFarTheAnswersMoved) {
  // The same columns by number, other trees.
  const auto forest = add("forest.joblib");
  const auto boosted = add("boosted.joblib");
  const Difference difference = find(forest, boosted);
  EXPECT_FALSE(difference.parameters.empty());
  EXPECT_FALSE(difference.is_empty());
  EXPECT_FALSE(to_text(difference).empty());
}

TEST_F(DifferenceTest, RefusesAVersionThatIsNotThere) {
  const auto version = add("flowers.joblib");
  EXPECT_FALSE(
      find_difference(workspace_->layout(), version.digest, base::Digest::of("gone")).ok());
}

}  // namespace
}  // namespace publish
