#include "auth/discovery.h"

#include <string>

#include <gtest/gtest.h>

namespace auth {
namespace {

TEST(DiscoveryTest, ADescriptionLiesBelowItsIssuer) {
  EXPECT_EQ(discovery_url("https://i.example"),
            "https://i.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://i.example/"),
            "https://i.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://i.example/realms/a"),
            "https://i.example/realms/a/.well-known/openid-configuration");
}

TEST(DiscoveryTest, SaysWhereTheKeysAreOfThisIssuerOnly) {
  const auto uri = parse_discovery(
      R"({"issuer":"https://i.example","jwks_uri":"https://i.example/keys","more":[{}]})",
      "https://i.example");
  ASSERT_TRUE(uri.ok()) << uri.error().message();
  EXPECT_EQ(*uri, "https://i.example/keys");
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"", "expected a JSON object"},
      {"{}", "expected \"issuer\" \"https://i.example\", got none"},
      {R"({"issuer":"https://i.example/","jwks_uri":"https://i.example/keys"})",
       "expected \"issuer\" \"https://i.example\", got \"https://i.example/\""},
      {R"({"issuer":"https://i.example"})", "expected a text as \"jwks_uri\""},
      {R"({"issuer":"https://i.example","jwks_uri":["https://i.example/keys"]})",
       "expected a text as \"jwks_uri\""},
      {R"({"issuer":"a","issuer":"https://i.example"})",
       "expected each name once, got \"issuer\" twice"},
      {std::string(kDiscoveryBytesMax + 1, ' '), "expected at most 256.0 KiB"},
  };
  for (const auto& c : cases) {
    const auto refused = parse_discovery(c.text, "https://i.example");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message(), "description of the issuer: " + c.message);
  }
}

}  // namespace
}  // namespace auth
