#include "model/recipe.h"

#include <gtest/gtest.h>

namespace model {
namespace {

TEST(RecipeTest, AnEmptyFileMeansPlainColumnsOfModelJoblib) {
  const auto recipe = parse_recipe("sooth.yaml", "");
  ASSERT_TRUE(recipe.ok());
  EXPECT_EQ(recipe->model, "model.joblib");
  EXPECT_FALSE(recipe->match.has_value());
}

TEST(RecipeTest, ReadsAMatch) {
  const auto recipe = parse_recipe("sooth.yaml",
                                   "name: faq\n"
                                   "python: '3.11'\n"
                                   "match:\n"
                                   "  by: similarity\n"
                                   "  candidates: phrasings.tsv\n"
                                   "  top_k: 5\n"
                                   "  best_per: answer_id\n");
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  EXPECT_EQ(recipe->name, "faq");
  EXPECT_EQ(recipe->python.minor, 11);
  ASSERT_TRUE(recipe->match.has_value());
  EXPECT_EQ(recipe->match->by, MatchBy::Similarity);
  EXPECT_EQ(recipe->match->top_k, 5U);
  EXPECT_TRUE(recipe->match->best_per_answer);
}

TEST(RecipeTest, ReadsWhatClassesAnswerAs) {
  const auto recipe =
      parse_recipe("sooth.yaml", "classes:\n  __main__.Mine: lightgbm.LGBMClassifier\n");
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  ASSERT_EQ(recipe->classes.size(), 1U);
  EXPECT_EQ(recipe->classes[0].first, "__main__.Mine");
  EXPECT_EQ(recipe->classes[0].second, "lightgbm.LGBMClassifier");
}

TEST(RecipeTest, AllMeansNoLimit) {
  const auto recipe = parse_recipe("sooth.yaml", "match: {candidates: q.tsv, top_k: all}\n");
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  EXPECT_FALSE(recipe->match->top_k.has_value());
}

TEST(RecipeTest, ReadsTheColumnsOfARow) {
  const auto named = parse_recipe("sooth.yaml", "columns: [age, \"a, b\"]\n");
  ASSERT_TRUE(named.ok()) << named.error().message();
  EXPECT_EQ(named->columns, (std::vector<std::string>{"age", "a, b"}));
  const auto counted = parse_recipe("sooth.yaml", "columns: 3\n");
  ASSERT_TRUE(counted.ok()) << counted.error().message();
  EXPECT_EQ(counted->columns, (std::vector<std::string>{"x0", "x1", "x2"}));
}

TEST(RecipeTest, RefusesWithThePlace) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"nmae: faq\n", "sooth.yaml:1:1: unknown key \"nmae\"; did you mean \"name\"?"},
      {"match: {candidates: ../../etc/passwd}\n",
       "sooth.yaml:1:21: \"candidates\": expected a file beneath the model's folder, got "
       "\"../../etc/passwd\""},
      {"columns: [a, b, a]\n",
       "sooth.yaml:1:10: \"columns\": expected each name once, got \"a\" twice"},
      {"columns: []\n", "sooth.yaml:1:10: \"columns\": expected 1 to 100000 names, got 0"},
      {"match: {candidates: q.tsv, by: luck}\n",
       "sooth.yaml:1:32: \"by\": expected \"pairs\" or \"similarity\", got \"luck\""},
      {"classes: {Mine: lightgbm.LGBMClassifier}\n",
       "sooth.yaml:1:17: class \"Mine\": expected MODULE.CLASS, such as __main__.Mine or "
       "lightgbm.LGBMClassifier"},
      {"classes: {m.Mine: 'a b.C'}\n",
       "sooth.yaml:1:19: class \"a b.C\": expected MODULE.CLASS, such as __main__.Mine or "
       "lightgbm.LGBMClassifier"},
  };
  for (const auto& c : cases) {
    const auto recipe = parse_recipe("sooth.yaml", c.text);
    ASSERT_FALSE(recipe.ok());
    EXPECT_EQ(recipe.error().message(), c.message);
  }
}

TEST(NameTest, IsMadeFromAPath) {
  EXPECT_EQ(name_from_path("/tmp/My Model.joblib"), "my-model");
  EXPECT_EQ(name_from_path("demos/faq/"), "faq");
  EXPECT_EQ(name_from_path("/"), "model");
  EXPECT_TRUE(check_name(name_from_path("..%2f.pkl")).ok());
}

}  // namespace
}  // namespace model
