#include "table/answer_writer.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace table {
namespace {

std::string written(const AnswerWriter& writer, const std::vector<std::vector<double>>& rows) {
  std::string out;
  writer.begin(out);
  for (const auto& row : rows) writer.row(row, out);
  return out;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(CsvWriterTest, WritesNumbersThatReadBackAsTheSame) {
  const auto writer = make_csv_writer({.names = {"p(a)", "p(b)"}});
  EXPECT_EQ(written(*writer, {{0.1, 1.0 / 3}, {1, -2.5e-300}, {std::nan(""), -kInfinity}}),
            "p(a),p(b)\n0.1,0.3333333333333333\n1,-2.5e-300\n,-inf\n");
}

TEST(CsvWriterTest, QuotesWhatMustBe) {
  const auto writer = make_csv_writer(
      {.names = {"a,b"},
       .classes = {data::Labels(std::vector<std::string>{"x", "say \"y\"", "l\nm"})}});
  EXPECT_EQ(written(*writer, {{0}, {1}, {2}}), "\"a,b\"\nx\n\"say \"\"y\"\"\"\n\"l\nm\"\n");
}

TEST(CsvWriterTest, QuotesForTheDelimiterInUse) {
  const auto writer = make_csv_writer({.names = {"a,b", "c\td"}}, '\t');
  EXPECT_EQ(written(*writer, {{1, 2}}), "a,b\t\"c\td\"\n1\t2\n");
}

TEST(CsvWriterTest, WritesLabelsAsPythonDoes) {
  const auto writer = make_csv_writer({.names = {"a", "b"},
                                       .classes = {data::Labels(std::vector<bool>{false, true}),
                                                   data::Labels(std::vector<double>{1.0, 2.5})}});
  EXPECT_EQ(written(*writer, {{1, 0}}), "a,b\nTrue,1.0\n");
}

TEST(JsonLinesWriterTest, WritesAScalarForOneColumnElseAnArray) {
  EXPECT_EQ(written(*make_json_lines_writer({.names = {"p"}}), {{0.5}, {2}}), "0.5\n2\n");
  EXPECT_EQ(written(*make_json_lines_writer({.names = {"a", "b"}}), {{0.5, 1e300}}),
            "[0.5,1e+300]\n");
}

TEST(JsonLinesWriterTest, WritesNullForWhatJsonCannotSay) {
  EXPECT_EQ(written(*make_json_lines_writer({.names = {"a", "b"}}), {{std::nan(""), kInfinity}}),
            "[null,null]\n");
}

TEST(JsonLinesWriterTest, KeepsTheTypeOfLabels) {
  const struct {
    data::Labels labels;
    std::string_view expected;
  } cases[] = {
      {std::vector<std::int64_t>{3, -7}, "-7\n"},
      {std::vector<double>{0, 1.5}, "1.5\n"},
      {std::vector<bool>{false, true}, "true\n"},
      {std::vector<std::string>{"", "a\"\\\n\x01\xC3\xA9"}, "\"a\\\"\\\\\\n\\u0001\xC3\xA9\"\n"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(written(*make_json_lines_writer({.names = {"y"}, .classes = {each.labels}}), {{1}}),
              each.expected);
  }
}

}  // namespace
}  // namespace table
