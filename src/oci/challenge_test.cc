#include "oci/challenge.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace oci {
namespace {

std::vector<Challenge> parse(std::string_view text) {
  auto challenges = parse_challenges(text);
  EXPECT_TRUE(challenges.ok()) << challenges.error().message();
  return challenges.ok() ? *challenges : std::vector<Challenge>();
}

TEST(ChallengeTest, HasSchemeAndParameters) {
  const auto challenges = parse(
      R"(Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull,push")");
  ASSERT_EQ(challenges.size(), 1U);
  EXPECT_EQ(challenges[0].scheme, "bearer");
  EXPECT_EQ(challenges[0].parameter("realm"), "https://auth.example/token");
  EXPECT_EQ(challenges[0].parameter("service"), "r.example");
  EXPECT_EQ(challenges[0].parameter("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(challenges[0].parameter("error"), "");
}

TEST(ChallengeTest, MayBeSeveral) {
  const auto challenges =
      parse("Negotiate, NTLM TlRM==, BASIC Realm = \"a, b\" ,, Bearer x=1 , y=\"2\", Digest a=b");
  ASSERT_EQ(challenges.size(), 5U);
  EXPECT_EQ(challenges[0], (Challenge{"negotiate", {}}));
  EXPECT_EQ(challenges[1], (Challenge{"ntlm", {}}));
  EXPECT_EQ(challenges[2], (Challenge{"basic", {{"realm", "a, b"}}}));
  EXPECT_EQ(challenges[3], (Challenge{"bearer", {{"x", "1"}, {"y", "2"}}}));
  EXPECT_EQ(challenges[4], (Challenge{"digest", {{"a", "b"}}}));
}

TEST(ChallengeTest, UnderstandsQuotedStrings) {
  const auto challenges = parse(R"(Basic realm="a \"b\" \\ c=d, Bearer x=\"", y="")");
  ASSERT_EQ(challenges.size(), 1U);
  EXPECT_EQ(challenges[0].parameter("realm"), R"(a "b" \ c=d, Bearer x=")");
  EXPECT_EQ(challenges[0].parameters.count("y"), 1U);
}

TEST(ChallengeTest, NothingIsNone) {
  EXPECT_TRUE(parse("").empty());
  EXPECT_TRUE(parse(" , ,").empty());
}

TEST(ChallengeTest, RefusesWhatIsNotOfThatForm) {
  std::string many = "Bearer a=b";
  for (int i = 0; i < 40; ++i) many += ",a" + std::to_string(i) + "=b";
  std::string schemes = "A";
  for (int i = 0; i < 20; ++i) schemes += ", A";
  for (const std::string& text : std::vector<std::string>{
           "=", "\"", "Bearer realm=\"x", "Bearer realm=\"x\\", "Bearer realm=\"x\"y",
           "Bearer realm=\"a\nb\"", "Bearer a=1,a=2", "Bearer a=1,A=2", "Bearer a b", "Bearer /x y",
           "(x)", many, schemes, "Bearer a=" + std::string(20'000, 'x')}) {
    const auto challenges = parse_challenges(text);
    ASSERT_FALSE(challenges.ok()) << text;
    EXPECT_EQ(challenges.error().code(), base::Code::Corrupt);
  }
}

}  // namespace
}  // namespace oci
