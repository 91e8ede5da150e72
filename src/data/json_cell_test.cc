#include "data/json_cell.h"

#include <string>

#include <gtest/gtest.h>

namespace data {
namespace {

// "a=1.5 b='x' c"
std::string told(std::string_view cell, Json form) {
  JsonCellReader reader;
  const auto values = reader.read(cell, form);
  if (!values.ok()) return values.error().message();
  std::string out;
  for (const NamedValue& each : *values) {
    out += out.empty() ? "" : " ";
    out += each.name;
    if (each.kind == NamedValue::Kind::Number) out += "=" + std::to_string(each.number);
    if (each.kind == NamedValue::Kind::Text) out += "='" + std::string(each.text) + "'";
  }
  return out;
}

TEST(JsonCellTest, ReadsEachForm) {
  EXPECT_EQ(told(R"({"a": 1.5, "b": "x\ty", "c": true})", Json::Object),
            "a=1.500000 b='x\ty' c=1.000000");
  EXPECT_EQ(told(R"([["a", -2e1], ["a", "x"]])", Json::Pairs), "a=-20.000000 a='x'");
  EXPECT_EQ(told(R"(["b", "a", "\u00e9"])", Json::Strings), "b a \u00e9");
  EXPECT_EQ(told("{}", Json::Object), "");
  EXPECT_EQ(told("[]", Json::Pairs), "");
}

TEST(JsonCellTest, RefusesWhatIsOfAnotherForm) {
  EXPECT_EQ(told(R"(["a"])", Json::Object),
            "expected an object of numbers and texts, got \"[\\\"a\\\"]\"");
  EXPECT_EQ(told(R"({"a": null})", Json::Object),
            "\"a\": expected a number or a text, got \"null\"");
  EXPECT_EQ(told(R"({"a": [1]})", Json::Object), "\"a\": expected a number or a text, got \"[\"");
  EXPECT_EQ(told(R"({"a": 1, "b": 2, "a": 3})", Json::Object),
            "\"a\": expected it once, got it twice");
  EXPECT_EQ(told(R"([["a", 1, 2]])", Json::Pairs),
            "expected pairs of a text and a number or text, got another element");
  EXPECT_EQ(told(R"([[1, 1]])", Json::Pairs),
            "expected pairs of a text and a number or text, got another element");
  EXPECT_EQ(told(R"(["a", 1])", Json::Strings), "expected an array of texts, got another element");
  EXPECT_TRUE(told(R"(["a"] 1)", Json::Strings).starts_with("expected "));
  EXPECT_TRUE(told(R"(["a"] [])", Json::Strings).starts_with("expected "));
  EXPECT_TRUE(told(R"({"a": )", Json::Object).starts_with("expected JSON, got what is malformed"));
}

}  // namespace
}  // namespace data
