#include "table/json_lines.h"

#include <string>

#include <gtest/gtest.h>

#include "table/test_signature.h"

namespace table {
namespace {

using data::ColumnType;

std::string read_lines(std::string_view text, const Limits& limits = {}) {
  TextSource source(text);
  JsonLinesReader reader("rows.jsonl", source, age_and_city(), limits);
  data::Frame frame(age_and_city());
  std::string out;
  while (true) {
    const auto rows = reader.read(frame, 2);
    if (!rows.ok()) return rows.error().message();
    if (*rows == 0) return out;
    for (std::size_t i = 0; i < *rows; ++i) {
      out += std::to_string(static_cast<int>(frame.number(i, 0))) + " " +
             std::string(frame.texts(1)[i]) + ";";
    }
  }
}

TEST(JsonLinesReaderTest, ReadsObjectsAndArrays) {
  EXPECT_EQ(
      read_lines("{\"age\": 1, \"city\": \"a\"}\n[2, \"b\"]\r\n\n  \n{\"city\":\"c\",\"age\":3}"),
      "1 a;2 b;3 c;");
  EXPECT_EQ(read_lines("\xEF\xBB\xBF[1, \"a\"]\n"), "1 a;");
  EXPECT_EQ(read_lines(""), "");
}

TEST(JsonLinesReaderTest, NamesLineAndColumn) {
  const struct {
    std::string_view text, expected;
  } cases[] = {
      {"[1, \"a\"]\n\n{\"age\": \"x\", \"city\": \"\"}\n",
       "rows.jsonl:3: column \"age\": expected a number, got \"x\""},
      {"[1]\n", "rows.jsonl:1: expected 2 cells, got 1"},
      {"5\n", "rows.jsonl:1: expected an object or an array, got \"5\""},
      {"[1, \"a\"] [2, \"b\"]\n",
       "rows.jsonl:1: expected the end of the line after the row, got more"},
      {"{\"agee\": 1}\n",
       "rows.jsonl:1: column \"agee\": expected one that the model was fitted with; did you mean "
       "\"age\"?"},
  };
  for (const auto& each : cases) EXPECT_EQ(read_lines(each.text), each.expected) << each.text;
}

TEST(JsonLinesReaderTest, RefusesAnObjectThatGoesOnOnTheNextLine) {
  EXPECT_TRUE(read_lines("{\"age\": 1,\n\"city\": \"a\"}\n").starts_with("rows.jsonl:1: "));
}

TEST(JsonLinesReaderTest, KeepsTextsOfTheWholeBlock) {
  std::string text;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string city(1000, static_cast<char>('a' + i % 26));
    text += "[" + std::to_string(i) + ", \"" + city + "\"]\n";
    expected += std::to_string(i) + " " + city + ";";
  }
  EXPECT_EQ(read_lines(text), expected);
}

TEST(JsonLinesReaderTest, LimitsTheRow) {
  const Limits limits{.row_bytes = 32};
  EXPECT_EQ(read_lines("[1, \"" + std::string(24, 'x') + "\"]\n", limits),
            "1 " + std::string(24, 'x') + ";");
  EXPECT_EQ(read_lines("[1, \"" + std::string(25, 'x') + "\"]\n", limits),
            "rows.jsonl:1: expected at most 32 B in a row, got more");
}

TEST(JsonLinesReaderTest, SaysWhereARowOfTheBlockStands) {
  TextSource source("[1, \"a\"]\n\n[2, \"b\"]\n");
  JsonLinesReader reader("rows.jsonl", source, age_and_city());
  data::Frame frame(age_and_city());
  ASSERT_TRUE(reader.read(frame, 10).ok());
  EXPECT_EQ(reader.place(1), "rows.jsonl:3");
}

}  // namespace
}  // namespace table
