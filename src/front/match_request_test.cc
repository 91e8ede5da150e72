#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "front/test_house.h"

namespace front {
namespace {

testing::House& faq() {
  static testing::House house(SOOTH_SOURCE_DIR "/demos/faq/similarity");
  return house;
}

// "" where the request is answered.
std::string match_error(std::string_view text) {
  const auto answer = faq().post("/score", std::string(text));
  if (answer.status == 200) return "";
  EXPECT_EQ(answer.status, 400);
  return nlohmann::json::parse(answer.body)["message"];
}

TEST(MatchRequestTest, ReadsInputAndTopK) {
  const auto escaped = faq().post("/score", R"({"top_k": 3, "input": "clone an obj\u0065ct"})");
  EXPECT_EQ(nlohmann::json::parse(escaped.body).size(), 3U);
  const auto plain = faq().post("/score", R"({"input": "clone an object", "top_k": 3})");
  EXPECT_EQ(escaped.body, plain.body);
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
}  // namespace front
