#include "oci/token.h"

#include <string>

#include <gtest/gtest.h>

namespace oci {
namespace {

TEST(TokenTest, ReadsWhatServersGive) {
  const struct {
    std::string body;
    std::string value;
    std::int64_t seconds;
  } cases[] = {
      {R"({"token":"abc"})", "abc", 60},
      {R"({"access_token":"abc","expires_in":300})", "abc", 300},
      {R"({"token":"abc","access_token":"def"})", "abc", 60},
      {R"({"token":"abc","expires_in":0})", "abc", 1},
      {R"({"token":"abc","expires_in":-5})", "abc", 1},
      {R"({"token":"abc","expires_in":86401})", "abc", 86400},
      {R"({"token":"abc","expires_in":18446744073709551615})", "abc", 86400},
      {R"({"token":"abc","expires_in":"300"})", "abc", 60},
      {R"({"token":")" + std::string(48 << 10, 'a') + "\"}", std::string(48 << 10, 'a'), 60},
  };
  for (const auto& each : cases) {
    const auto token = parse_token(each.body);
    ASSERT_TRUE(token.ok()) << each.body;
    EXPECT_EQ(token->value, each.value);
    EXPECT_EQ(token->seconds, each.seconds) << each.body;
  }
}

TEST(TokenTest, RefusesWhatCannotStandInAField) {
  const std::string needed = "expected \"token\" or \"access_token\"";
  const struct {
    std::string body;
    std::string says;
  } cases[] = {
      {"", "expected a JSON object"},
      {"[]", "expected a JSON object"},
      {"{}", needed},
      {R"({"token":7})", needed},
      {R"({"token":"a b"})", needed},
      {R"({"token":"a\r\nHost: b"})", needed},
      {R"({"token":"\u00e9"})", needed},
      {R"({"token":")" + std::string((48 << 10) + 1, 'a') + "\"}", needed},
  };
  for (const auto& each : cases) {
    const auto token = parse_token(each.body);
    ASSERT_FALSE(token.ok()) << each.body;
    EXPECT_EQ(token.error().code(), base::Code::Corrupt);
    EXPECT_EQ(token.error().message(), each.says);
  }
}

}  // namespace
}  // namespace oci
