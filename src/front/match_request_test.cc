#include "contract/json_body.h"

#include <string>

#include <gtest/gtest.h>

#include "contract/azureml.h"

namespace contract {
namespace {

// The bytes behind the text may be read.
std::string padded(std::string_view text) {
  std::string body(text);
  body.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  return body;
}

std::string match_error(std::string_view text) {
  JsonBody json;
  const std::string body = padded(text);
  const auto request = azureml::decode_match(body, json);
  return request.ok() ? "" : request.error().message();
}

TEST(MatchRequestTest, ReadsInputAndTopK) {
  JsonBody json;
  const std::string body = padded(R"({"top_k": 3, "input": "caf\u00e9 \"now\""})");
  const auto request = azureml::decode_match(body, json);
  ASSERT_TRUE(request.ok()) << request.error().message();
  EXPECT_EQ(request->input, "caf\xc3\xa9 \"now\"");
  EXPECT_EQ(request->top_k, 3U);
}

TEST(MatchRequestTest, SaysWhatWasExpected) {
  const struct {
    const char* body;
    const char* message;
  } cases[] = {
      {"", "body: expected JSON, got nothing (0 bytes)"},
      {"{}", "body: expected a key \"input\", got none"},
      {"[]", "body: expected a JSON object, got another type at byte 0"},
      {R"({"input": 5})", "\"input\": expected a text, got another type at byte 10"},
      {R"({"input": "a", "input": "b"})", "\"input\": expected it once, got it twice"},
      {R"({"input": "  "})", "\"input\": expected a question, got an empty text"},
      {R"({"inptu": "a"})", "body: unknown key \"inptu\"; did you mean \"input\"?"},
      {R"({"input": "a", "top_k": 0})", "\"top_k\": expected an integer from 1 to 1000000000"},
      {R"({"input": "a", "top_k": "3"})", "\"top_k\": expected an integer from 1 to 1000000000"},
      {"{\"input\": \"\xc3\"}", "body: expected UTF-8, got another byte at 11"},
  };
  for (const auto& c : cases) EXPECT_EQ(match_error(c.body), c.message) << c.body;
}

TEST(MatchRequestTest, RefusesWhatIsNotJson) {
  for (const char* body : {"{", "{\"input\"", "{\"input\":", "{\"input\":\"a\"", "nope",
                           "{\"input\":\"a\",}", "{\"input\":\"a\"} x", "{'input':'a'}",
                           "{\"input\":\"a\"}{\"input\":\"b\"}", "\xef\xbb\xbf{}"}) {
    EXPECT_NE(match_error(body), "") << body;
  }
}

TEST(MatchRequestTest, AMillionBracketsAreRefusedAtOnce) {
  EXPECT_NE(match_error(std::string(1'000'000, '[')), "");
  EXPECT_NE(match_error("{\"input\":" + std::string(1'000'000, '[')), "");
  EXPECT_NE(match_error("{\"x\":" + std::string(1'000'000, '{')), "");
}

}  // namespace
}  // namespace contract
