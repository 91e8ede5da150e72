#include "table/first_row.h"

#include <string>

#include <gtest/gtest.h>

#include "table/csv_reader.h"
#include "table/test_signature.h"

namespace table {
namespace {

std::string refusal(const base::Result<FirstRow>& row) {
  return row.ok() ? "no error" : row.error().message();
}

TEST(FirstRowTest, HasTheNamesOfACsvsHeader) {
  TextSource source("\xEF\xBB\xBF\n\"a b\",c\n1,2\n");
  const auto row = first_csv_row("rows.csv", source, ',');
  ASSERT_TRUE(row.ok()) << row.error().message();
  EXPECT_EQ(row->names, (std::vector<std::string>{"a b", "c"}));
  EXPECT_EQ(row->cells, 2U);
}

TEST(FirstRowTest, HasTheNamesOfTheFirstObjectInTheirOrder) {
  TextSource source("\n  \n{\"b\": 1, \"\\u0061\": [1, {\"x\": 2}]}\n{\"c\": 3}\n");
  const auto row = first_json_row("rows.jsonl", source);
  ASSERT_TRUE(row.ok()) << row.error().message();
  EXPECT_EQ(row->names, (std::vector<std::string>{"b", "a"}));
}

TEST(FirstRowTest, CountsTheCellsOfAnArray) {
  TextSource source("[1, 2, 3]");
  const auto row = first_json_row("rows.jsonl", source);
  ASSERT_TRUE(row.ok()) << row.error().message();
  EXPECT_TRUE(row->names.empty());
  EXPECT_EQ(row->cells, 3U);
}

TEST(FirstRowTest, RefusesWhatHasNoColumns) {
  const auto of = [](std::string_view text) {
    TextSource source(text);
    return refusal(first_json_row("rows.jsonl", source));
  };
  EXPECT_EQ(of(" \n"), "rows.jsonl: expected rows, got none");
  EXPECT_EQ(of("3\n"), "rows.jsonl: expected an object or an array, got \"3\"");
  EXPECT_EQ(of("{\"a\": 1, \"a\": 2}"), "rows.jsonl: column \"a\": expected it once, got it twice");
  EXPECT_TRUE(of("{\"a\": ").starts_with("rows.jsonl: expected JSON, got what is malformed"));
  TextSource twice("a,b,a\n");
  EXPECT_EQ(refusal(first_csv_row("rows.csv", twice, ',')),
            "rows.csv: column \"a\": expected it once, got it twice");
  TextSource wide("[1, 2, 3]");
  EXPECT_EQ(refusal(first_json_row("rows.jsonl", wide, {.columns = 2})),
            "rows.jsonl: expected at most 2 columns");
}

TEST(RewoundSourceTest, GivesWhatWasReadOnceMore) {
  TextSource text("age,city\n1,Pau\n2,Ube\n");
  RewoundSource source(text);
  ASSERT_TRUE(first_csv_row("rows.csv", source, ',').ok());
  source.rewind();
  const data::Signature signature = age_and_city();
  const auto reader = CsvReader::open("rows.csv", source, signature);
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  data::Frame frame(signature);
  const auto rows = (*reader)->read(frame, 10);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(*rows, 2U);
  EXPECT_EQ(frame.texts(1)[1], "Ube");
}

}  // namespace
}  // namespace table
