#include "table/csv_reader.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "table/csv_cell.h"
#include "table/test_signature.h"

namespace table {
namespace {

using data::ColumnType;

// Gives one byte at a time, as the slowest of pipes.
class Drip final : public Source {
 public:
  explicit Drip(std::string_view text) : text_(text) {}
  base::Result<std::size_t> read(std::span<char> into) override {
    if (text_.empty()) return std::size_t{0};
    into[0] = text_[0];
    text_.remove_prefix(1);
    return std::size_t{1};
  }

 private:
  std::string_view text_;
};

// What was read, row by row, or the error.
std::string read_all(std::string_view text, const data::Signature& signature, char delimiter = ',',
                     const Limits& limits = {}) {
  Drip source(text);
  auto reader = CsvReader::open("rows.csv", source, signature, delimiter, limits);
  if (!reader.ok()) return reader.error().message();
  data::Frame frame(signature);
  std::string out;
  while (true) {
    const auto rows = (*reader)->read(frame, 2);
    if (!rows.ok()) return rows.error().message();
    if (*rows == 0) return out;
    for (std::size_t i = 0; i < *rows; ++i) {
      out += std::isnan(frame.number(i, 0)) ? "-" : std::to_string(frame.number(i, 0)).substr(0, 4);
      out += data::is_missing(frame.texts(1)[i]) ? " -;"
                                                 : " [" + std::string(frame.texts(1)[i]) + "];";
    }
  }
}

std::string read_all(std::string_view text) { return read_all(text, age_and_city()); }

TEST(CsvReaderTest, BindsColumnsByNameInAnyOrder) {
  EXPECT_EQ(read_all("city,age\nOslo,4.25\nRome,5\nBern,6\n"),
            "4.25 [Oslo];5.00 [Rome];6.00 [Bern];");
}

TEST(CsvReaderTest, ABinaryColumnIsInBase64) {
  const data::Signature signature{
      {{.name = "age", .type = ColumnType::Number},
       {.name = "p", .type = ColumnType::Text, .categories = {}, .binary = true}}};
  EXPECT_EQ(read_all("age,p\n1,/9j/AA==\n2,\"/9j/\"\n3,\n", signature),
            std::string("1.00 [\xff\xd8\xff\0];2.00 [\xff\xd8\xff];3.00 -;", 30));
  for (const char* bad : {"/9j", "hello", "\"/9j/ \"", "/9j/A==="}) {
    EXPECT_EQ(read_all("age,p\n1," + std::string(bad) + "\n", signature),
              "rows.csv:2: column \"p\": expected a text, got a text that is no base64")
        << bad;
  }
}

TEST(CsvReaderTest, TakesWhatPandasWrites) {
  const struct {
    std::string_view text, expected;
  } cases[] = {
      {"\xEF\xBB\xBF"
       "age,city\r\n1,a\r\n2,b",
       "1.00 [a];2.00 [b];"},
      {"age,city\n1,\"a, \"\"b\"\"\"\n", "1.00 [a, \"b\"];"},
      {"age,city\n1,\"two\nlines\"\n2,c\n", "1.00 [two\nlines];2.00 [c];"},
      {"age,city\n\n1,a\n\r\n\n2,b\n\n", "1.00 [a];2.00 [b];"},
      {"age,city\r1,a\r2,b\r", "1.00 [a];2.00 [b];"},
      {"\"age\",\"city\"\n\"1\",a\"b\n", "1.00 [a\"b];"},
      {"age,city\n,\nnan,NA\nNULL,\"\"\n", "- -;- -;- -;"},
      {"age,city\nTrue,x\nfalse, NA\n", "1.00 [x];0.00 [ NA];"},
      {"age,city\n", ""},
  };
  for (const auto& each : cases) EXPECT_EQ(read_all(each.text), each.expected) << each.text;
}

TEST(CsvReaderTest, ReadsTabs) {
  EXPECT_EQ(read_all("age\tcity\n1\ta, b\n", age_and_city(), '\t'), "1.00 [a, b];");
}

TEST(CsvReaderTest, NamesTheColumnsThatItLeavesAlone) {
  TextSource source("id,age,city,note\n7,1,a,\"unread \xE2\x82\xAC\"\n");
  const auto reader = CsvReader::open("rows.csv", source, age_and_city());
  ASSERT_TRUE(reader.ok());
  const std::vector<std::string> ignored((*reader)->ignored().begin(), (*reader)->ignored().end());
  EXPECT_EQ(ignored, (std::vector<std::string>{"id", "note"}));
}

TEST(CsvReaderTest, DoesWithoutColumnsThatNothingReads) {
  data::Signature signature = age_and_city();
  signature.columns[1].used = false;
  EXPECT_EQ(read_all("age\n3\n", signature), "3.00 -;");
  EXPECT_EQ(read_all("city\nOslo\n", signature),
            "rows.csv:1: column \"age\": expected a number, got no such column");
}

TEST(CsvReaderTest, RefusesWithLineAndColumn) {
  const struct {
    std::string_view text, expected;
  } cases[] = {
      {"", "rows.csv: expected a line with the names of the columns, got an empty file"},
      {"age,City\n1,a\n",
       "rows.csv:1: column \"city\": expected a text, got no such column; is \"City\" meant?"},
      {"age,city,age\n", "rows.csv:1: column \"age\": expected a number, got the column twice"},
      {"age,city\n1,a\nabc,b\n", "rows.csv:3: column \"age\": expected a number, got \"abc\""},
      {"age,city\n1,\"a\n\n\"\nabc,b\n",
       "rows.csv:5: column \"age\": expected a number, got \"abc\""},
      {"age,city\n1\n", "rows.csv:2: expected 2 fields, as in the header, got 1"},
      {"age,city\n1,a,\n", "rows.csv:2: expected 2 fields, as in the header, got 3"},
      {"age,city\n1,\"a\n2,b\n",
       "rows.csv:2: field 2: expected a closing quote, got the end of the file"},
      {"age,city\n1,\"a\"b\n",
       "rows.csv:2: field 2: expected a delimiter or the end of the line behind the closing quote"},
      {"age,city\n1,\xFF\n", "rows.csv:2: field 2: expected UTF-8, got \"\\xff\""},
      {"\xFF\xFE"
       "a\n",
       "rows.csv:1: field 1: expected UTF-8, got \"\\xff\\xfea\""},
  };
  for (const auto& each : cases) EXPECT_EQ(read_all(each.text), each.expected) << each.text;
}

TEST(CsvReaderTest, KeepsItsLimits) {
  const Limits limits{.row_bytes = 64, .field_bytes = 16, .columns = 3};
  const std::string wide = "age,city\n1," + std::string(16, 'x');
  EXPECT_EQ(read_all(wide + "\n", age_and_city(), ',', limits),
            "1.00 [" + std::string(16, 'x') + "];");
  EXPECT_EQ(read_all(wide + "x\n", age_and_city(), ',', limits),
            "rows.csv:2: field 2: expected at most 16 B, got 17 B");
  EXPECT_EQ(read_all("age,city\n1,\"" + std::string(100, 'x'), age_and_city(), ',', limits),
            "rows.csv:2: expected at most 64 B in a row, got more (is a quote left open?)");
  EXPECT_EQ(read_all("age,city,c\n1,a,b\n", age_and_city(), ',', limits), "1.00 [a];");
  EXPECT_EQ(read_all("age,city,c,d\n", age_and_city(), ',', limits),
            "rows.csv:1: expected at most 3 fields");
}

TEST(CsvReaderTest, SaysWhereARowOfTheBlockStands) {
  TextSource source("age,city\n1,\"a\nb\"\n2,c\n");
  const auto reader = CsvReader::open("rows.csv", source, age_and_city());
  ASSERT_TRUE(reader.ok());
  data::Frame frame(age_and_city());
  ASSERT_TRUE((*reader)->read(frame, 10).ok());
  EXPECT_EQ((*reader)->place(0), "rows.csv:2");
  EXPECT_EQ((*reader)->place(1), "rows.csv:4");
}

TEST(CsvReaderTest, ReadsRowsLargerThanItsFirstWindow) {
  const std::string text(3'000'000, 'x');
  TextSource source("unused");
  const std::string file = "age,city\n1," + text + "\n2,\"" + text + "\"\"\"\n";
  TextSource whole(file);
  const auto reader = CsvReader::open("rows.csv", whole, age_and_city());
  ASSERT_TRUE(reader.ok());
  data::Frame frame(age_and_city());
  const auto rows = (*reader)->read(frame, 10);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, 2U);
  EXPECT_EQ(frame.texts(1)[0], text);
  EXPECT_EQ(frame.texts(1)[1], text + "\"");
}

TEST(CsvCellTest, ReadsNumbersAsPandasDoes) {
  const struct {
    std::string_view cell;
    std::optional<double> expected;
  } cases[] = {
      {"1", 1.0},
      {"-0.5", -0.5},
      {"+2", 2.0},
      {" 3 ", 3.0},
      {".5", 0.5},
      {"5.", 5.0},
      {"1e3", 1000.0},
      {"1E-3", 0.001},
      {"0.1", 0.1},
      {"TRUE", 1.0},
      {"false", 0.0},
      {"9007199254740993", 9007199254740992.0},
      {"12a", {}},
      {"1 2", {}},
      {"--1", {}},
      {"+", {}},
      {"+-1", {}},
      {"-True", {}},
      {"0x10", {}},
      {"1,5", {}},
      {"nan", {}},
      {"nan(1)", {}},
      {"1e400", {}},
      {"", {}},
      {"inf", std::numeric_limits<double>::infinity()},
      {"-Infinity", -std::numeric_limits<double>::infinity()},
  };
  for (const auto& each : cases)
    EXPECT_EQ(parse_number_cell(each.cell), each.expected) << each.cell;
  EXPECT_TRUE(std::signbit(*parse_number_cell("-0")));
}

TEST(CsvCellTest, KnowsThePandasWordsForMissing) {
  for (const auto cell : {"", "#N/A N/A", "-1.#QNAN", "<NA>", "None", "n/a", "null", "NaN"}) {
    EXPECT_TRUE(is_missing_cell(cell)) << cell;
  }
  for (const auto cell : {" ", "NAN", "none", "N/a", "NA ", "#N/A N/A N/A"}) {
    EXPECT_FALSE(is_missing_cell(cell)) << cell;
  }
}

TEST(CsvReaderTest, AnOptionalColumnThatIsNotThereIsZero) {
  const data::Signature signature{.columns = {{.name = "size", .optional = true}, {.name = "age"}}};
  TextSource without("age\n3\n");
  auto reader = CsvReader::open("rows.csv", without, signature);
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  data::Frame frame(signature);
  ASSERT_TRUE((*reader)->read(frame, 9).ok());
  EXPECT_EQ(frame.number(0, 0), 0);
  TextSource empty("age,size\n3,\n");
  reader = CsvReader::open("rows.csv", empty, signature);
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  ASSERT_TRUE((*reader)->read(frame, 9).ok());
  EXPECT_TRUE(std::isnan(frame.number(0, 0)));
}

}  // namespace
}  // namespace table
