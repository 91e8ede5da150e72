#include "publish/difference.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pickle/document.h"
#include "publish/learned.h"
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
    Registration registration{.path = data(model), .name = "m"};
    if (!example.empty()) registration.example = {data(example)};
    return must_register(registration).version;
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

// The same parameters, and one coefficient that moved by 0.5.
TEST_F(DifferenceTest, SaysWhichCoefficientsMovedAndHowFar) {
  std::string bytes = read_text(data("flowers.joblib"));
  const auto document = *pickle::Document::read(base::as_bytes(bytes));
  const pickle::Array& coefficients = *document.root().find("coef_")->array();
  const auto at = static_cast<std::size_t>(coefficients.data.data() -
                                           reinterpret_cast<const std::byte*>(bytes.data()));
  ASSERT_LT(at, bytes.size());
  double first = 0;
  std::memcpy(&first, bytes.data() + at, sizeof first);
  first += 0.5;
  std::string other = bytes;
  std::memcpy(other.data() + at, &first, sizeof first);
  const Difference difference =
      find(add("flowers.joblib"),
           must_register({.path = write("other/flowers.joblib", other), .name = "m"}).version);
  EXPECT_TRUE(difference.parameters.empty());
  ASSERT_EQ(difference.learned.size(), 1U);
  EXPECT_EQ(difference.learned[0].what, "coef_");
  EXPECT_EQ(difference.learned[0].before, "float64[3, 4]");
  EXPECT_EQ(difference.learned[0].after, "float64[3, 4]; 1 of 12 differ, by 0.5 at most");
  EXPECT_NE(to_text(difference).find("learned\n  coef_\n"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(to_json(difference))["learned"][0]["what"], "coef_");
}

TEST_F(DifferenceTest, WhatWasLearnedAnewIsNamedByItsPlace) {
  const Difference difference = find(add("passengers.joblib"), add("topics.pkl"));
  EXPECT_NE(item(difference.learned, "steps[1] \"model\" / coef_"), nullptr) << to_text(difference);
  for (const Difference::Item& each : difference.parameters) {
    EXPECT_EQ(each.what.find("coef_"), std::string::npos) << each.what;
  }
}

TEST(LearnedTest, CountsTheTreesOfABoosterThatDiffer) {
  const std::string before = "tree\n\nTree=0\nleaf=1\n\nTree=1\nleaf=2\n\nend of trees\nx\n";
  const auto changed = [&](const std::string& after) {
    const auto items = compare_boosters("booster", before, after);
    return items.empty() ? "" : items[0].before + " -> " + items[0].after;
  };
  EXPECT_EQ(changed(before), "");
  EXPECT_EQ(changed("tree\n\nTree=0\nleaf=1\n\nTree=1\nleaf=2\n\nend of trees\nother\n"), "");
  EXPECT_EQ(changed("tree\n\nTree=0\nleaf=3\n\nTree=1\nleaf=2\n\nend of trees\n"),
            "2 trees -> 2 trees; 1 of 2 are others");
  EXPECT_EQ(changed("tree\n\nTree=0\nleaf=1\n\nend of trees\n"),
            "2 trees -> 1 trees; 0 of 1 are others");
  EXPECT_EQ(changed(""), "2 trees -> 0 trees; 0 of 0 are others");
}

TEST_F(DifferenceTest, RefusesAVersionThatIsNotThere) {
  const auto version = add("flowers.joblib");
  EXPECT_FALSE(
      find_difference(workspace_->layout(), version.digest, base::Digest::of("gone")).ok());
}

}  // namespace
}  // namespace publish
