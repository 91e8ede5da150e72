#include "model/reference.h"

#include <string>

#include <gtest/gtest.h>

namespace model {
namespace {

TEST(ReferenceTest, NamesAVersionInFourWays) {
  const std::string digest = base::Digest::of("x").text();
  EXPECT_EQ(*Reference::parse("faq"), (Reference{"faq", Reference::Newest{}}));
  EXPECT_EQ(*Reference::parse("faq:3"), (Reference{"faq", std::int64_t{3}}));
  EXPECT_EQ(*Reference::parse("faq@champion"), (Reference{"faq", Reference::Alias{"champion"}}));
  EXPECT_EQ(*Reference::parse("faq@" + digest), (Reference{"faq", base::Digest::of("x")}));
  for (const std::string& text :
       {std::string("faq"), std::string("faq:3"), std::string("a.b_c-d@e"), "faq@" + digest}) {
    EXPECT_EQ(Reference::parse(text)->text(), text);
  }
}

TEST(ReferenceTest, RefusesEverythingElse) {
  for (const std::string text :
       {"", ":", "faq:", "faq@", "faq:0", "faq:-1", "faq:03", "faq:1x", "faq:99999999999999999999",
        "Faq", "../faq", "faq/3", "faq@Champion", "faq@sha256:12", "faq:3@champion", "faq "}) {
    EXPECT_FALSE(Reference::parse(text).ok()) << text;
  }
  EXPECT_EQ(Reference::parse("faq:x").error().message(),
            "reference \"faq:x\": expected the number of a version behind the colon, from 1, got "
            "\"x\"");
}

TEST(LabelTest, KeysAreWordsAndValuesOneLine) {
  EXPECT_TRUE(check_label("team", "search and find").ok());
  EXPECT_TRUE(check_label("example.org/stage", "").ok());
  for (const std::string key : {"", " team", ".team", "te am", "te=am"}) {
    EXPECT_FALSE(check_label(key, "x").ok()) << key;
  }
  EXPECT_FALSE(check_label("team", "a\nb").ok());
  EXPECT_FALSE(check_label("team", "\xff").ok());
  EXPECT_FALSE(check_label("team", std::string(1025, 'x')).ok());
}

}  // namespace
}  // namespace model
