#include "table/json_row.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace table {
namespace {

using data::ColumnType;

data::Signature three_columns() {
  return {
      {{"age", ColumnType::Number}, {"city", ColumnType::Text}, {"note", ColumnType::Text, false}}};
}

class RowReaderTest : public ::testing::Test {
 protected:
  // Reads one row and gives the error's message, or nothing.
  std::string read(std::string_view json) {
    const simdjson::padded_string padded(json);
    auto document = parser_.iterate(padded);
    simdjson::ondemand::value value;
    if (const auto error = document.get_value().get(value)) return json_error(error).message();
    const std::size_t row = frame_.add_row();
    const auto done = reader_.read_row(value, frame_, row);
    if (!done.ok()) return done.error().message();
    age_ = frame_.number(row, 0);
    city_ = data::is_missing(frame_.texts(1)[row]) ? "-" : std::string(frame_.texts(1)[row]);
    return "";
  }

  simdjson::ondemand::parser parser_;
  RowReader reader_{three_columns()};
  data::Frame frame_{three_columns()};
  double age_ = 0;
  std::string city_;
};

TEST_F(RowReaderTest, ReadsObjectsWhateverTheirOrder) {
  for (const auto json : {R"({"age": 41, "city": "Oslo"})", R"({"city": "Oslo", "age": 41.0})",
                          R"({"note":null,"city":"Os\u006co","age":4.1e1})",
                          R"({"\u0061ge": 41, "city": "Oslo", "note": "x"})"}) {
    EXPECT_EQ(read(json), "") << json;
    EXPECT_EQ(age_, 41) << json;
    EXPECT_EQ(city_, "Oslo") << json;
  }
}

TEST_F(RowReaderTest, ReadsArraysInTheOrderOfTheSignature) {
  EXPECT_EQ(read(R"([1.5, "Rome", null])"), "");
  EXPECT_EQ(age_, 1.5);
  EXPECT_EQ(city_, "Rome");
  EXPECT_EQ(read(R"([1.5, "Rome"])"), "row 1: expected 3 cells, got 2");
  EXPECT_EQ(read(R"([1.5, "Rome", "", 4])"), "row 2: expected 3 cells, got more");
}

TEST_F(RowReaderTest, ReadsNumbersOfManyDigits) {
  for (const auto* json : {R"({"age": 0.95000000000000000000, "city": "Oslo"})",
                           R"([0.950000000000000000000000, "Oslo", null])",
                           R"([9500000000000000000000000e-25 ,"Oslo",null])"}) {
    EXPECT_EQ(read(json), "") << json;
    EXPECT_EQ(age_, 0.95) << json;
  }
}

TEST_F(RowReaderTest, TakesNullForMissingAndTruthForNumbers) {
  EXPECT_EQ(read(R"({"age": null, "city": null})"), "");
  EXPECT_TRUE(std::isnan(age_));
  EXPECT_EQ(city_, "-");
  EXPECT_EQ(read(R"({"age": true, "city": ""})"), "");
  EXPECT_EQ(age_, 1);
  EXPECT_EQ(city_, "");
}

TEST_F(RowReaderTest, ReadsNumbersAsTheNearestFloat64) {
  const struct {
    std::string_view text;
    double expected;
  } cases[] = {
      {"9007199254740993", 9007199254740992.0},
      {"18446744073709551615", 18446744073709551616.0},
      {"123456789012345678901234567890", 123456789012345678901234567890.0},
      {"-0.0", -0.0},
      {"0.1", 0.1},
      {"4.9e-324", 4.9e-324},
      {"1.7976931348623157e308", 1.7976931348623157e308},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(read(R"({"city": "", "age": )" + std::string(each.text) + "}"), "") << each.text;
    EXPECT_EQ(age_, each.expected) << each.text;
  }
}

TEST_F(RowReaderTest, RefusesWhatDoesNotFit) {
  const struct {
    std::string_view json, expected;
  } cases[] = {
      {R"({"age": "abc", "city": ""})", R"(, column "age": expected a number, got "abc")"},
      {R"({"age": "NaN", "city": ""})", R"(, column "age": expected a number, got "NaN")"},
      {R"({"age": NaN, "city": ""})", R"(, column "age": expected a number, got "NaN")"},
      {R"({"age": 1e400, "city": ""})", R"(, column "age": expected a number, got 1e400)"},
      {R"({"age": 012, "city": ""})", R"(, column "age": expected a number, got 012)"},
      {R"({"age": [1], "city": ""})", R"(, column "age": expected a number, got an array)"},
      {R"({"age": {}, "city": ""})", R"(, column "age": expected a number, got an object)"},
      {R"({"age": 1, "city": 5})", R"(, column "city": expected a text, got 5)"},
      {R"({"age": 1, "city": true})", R"(, column "city": expected a text, got true)"},
      {R"({"age": 1})", R"(, column "city": expected a text, got no such column)"},
      {R"({"age": 1, "age": 2})", R"(, column "age": expected a number, got the column twice)"},
      {R"({"age": 1, "cty": ""})",
       R"(, column "cty": expected one that the model was fitted with; did you mean "city"?)"},
  };
  std::size_t row = 0;
  for (const auto& each : cases) {
    EXPECT_EQ(read(each.json), "row " + std::to_string(row++) + std::string(each.expected));
  }
}

TEST_F(RowReaderTest, ReadsTheRowsOfABody) {
  const simdjson::padded_string body(
      std::string_view(R"({"rows": [{"age": 1, "city": "a"}, [2, "b", null], 3]})"));
  simdjson::ondemand::document document;
  ASSERT_EQ(parser_.iterate(body).get(document), simdjson::SUCCESS);
  simdjson::ondemand::array rows;
  ASSERT_EQ(document["rows"].get_array().get(rows), simdjson::SUCCESS);
  std::vector<std::string> errors;
  for (auto each : rows) {
    const auto read_one = reader_.read_row(each.value_unsafe(), frame_, frame_.add_row());
    if (!read_one.ok()) errors.push_back(read_one.error().message());
  }
  EXPECT_EQ(frame_.number(1, 0), 2);
  EXPECT_EQ(frame_.texts(1)[0], "a");
  EXPECT_EQ(errors, std::vector<std::string>{"row 2: expected an object or an array, got 3"});
}

TEST_F(RowReaderTest, RefusesMalformedJson) {
  for (const auto json :
       {R"({"age" 1})", R"({"age": 1,})", R"({"age": 1 "city": ""})", R"({"age": 1, "city": "\x"})",
        R"({"age": nul, "city": ""})", "{\"age\": 1, \"city\": \"\xFF\"}", R"([1 2])",
        R"({"age": 1)", "{", "["}) {
    EXPECT_NE(read(json), "") << json;
  }
}

TEST_F(RowReaderTest, ComparesNamesThatJsonMustEscape) {
  const data::Signature signature{{{"a\\", ColumnType::Number}, {"q\"", ColumnType::Number}}};
  RowReader reader(signature);
  data::Frame frame(signature);
  const auto read_json = [&](std::string_view json) {
    const simdjson::padded_string padded(json);
    auto document = parser_.iterate(padded);
    simdjson::ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return false;
    return reader.read_object(object, frame, frame.add_row()).ok();
  };
  EXPECT_TRUE(read_json(R"({"a\\": 1, "q\"": 2})"));
  EXPECT_EQ(frame.number(0, 1), 2);
  EXPECT_FALSE(read_json(R"({"a\"b": 1, "q\"": 2})"));
}

TEST_F(RowReaderTest, LeavesOutWhatTheModelHasNotWhereThatIsAskedFor) {
  const char* const wide = R"({"x": {"age": [2]}, "age": 41, "y": null, "city": "Oslo", "x": 1})";
  EXPECT_EQ(read(wide), R"(row 0, column "x": expected one that the model was fitted with)");
  reader_.drop_unknown(true);
  EXPECT_EQ(read(wide), "");
  EXPECT_EQ(age_, 41);
  EXPECT_EQ(city_, "Oslo");
  EXPECT_EQ(read(R"({"Age": 41, "city": "Oslo"})"),
            R"(row 2, column "age": expected a number, got no such column)");
  EXPECT_EQ(read(R"({"age": 1, "x": 1, "age": 2, "city": ""})"),
            R"(row 3, column "age": expected a number, got the column twice)");
}

TEST_F(RowReaderTest, CallsADateOne) {
  const std::string place = R"(row 0, column "age": expected a number, got )";
  const struct {
    const char* text;
    const char* got;
  } cases[] = {{"2026-11-29", "the date \"2026-11-29\""},
               {"2026-11-29T08:00:00.000Z", "the date \"2026-11-29T08:00:00.000Z\""},
               {"2026-11-29 08:00", "the date \"2026-11-29 08:00\""},
               {"2026-11-290", "\"2026-11-290\""},
               {"2026-11-2", "\"2026-11-2\""},
               {"x026-11-29", "\"x026-11-29\""}};
  for (const auto& c : cases) {
    frame_.clear();
    EXPECT_EQ(read("{\"age\": \"" + std::string(c.text) + "\", \"city\": \"\"}"), place + c.got);
  }
}

TEST_F(RowReaderTest, ATextInBase64WhereThatIsAskedFor) {
  RowReader reader(three_columns(), {.accept_base64 = true});
  data::Frame frame(three_columns());
  const auto ask = [&](const std::string& city) -> std::string {
    frame.clear();
    const simdjson::padded_string padded("{\"age\": 1, \"city\": " + city + "}");
    auto document = parser_.iterate(padded);
    simdjson::ondemand::object object;
    EXPECT_EQ(document.get_object().get(object), simdjson::SUCCESS);
    const auto done = reader.read_object(object, frame, frame.add_row());
    return done.ok() ? std::string(frame.texts(1)[0]) : done.error().message();
  };
  EXPECT_EQ(ask(R"({"b64": "w6k="})"), "\u00e9");
  EXPECT_EQ(ask(R"({"b64": ""})"), "");
  const std::string place = R"(row 0, column "city": expected a text, got )";
  EXPECT_EQ(ask(R"({"b64": "w6k"})"), place + R"("b64" that is no base64: "w6k")");
  EXPECT_EQ(ask(R"({"b64": "qQ=="})"), place + R"("b64" of bytes that are no UTF-8)");
  EXPECT_EQ(ask(R"({"b64": null})"), place + "an object");
  EXPECT_EQ(read(R"({"age": 1, "city": {"b64": "w6k="}})"), place + "an object");
}

// Whether texts in base64 are asked for or not.
TEST_F(RowReaderTest, ABinaryColumnIsInBase64) {
  const data::Signature signature{
      {{.name = "p", .type = ColumnType::Text, .categories = {}, .binary = true}}};
  for (const bool accepts : {false, true}) {
    RowReader reader(signature, {.accept_base64 = accepts});
    data::Frame frame(signature);
    const auto ask = [&](const std::string& cell) -> std::string {
      frame.clear();
      const simdjson::padded_string padded("{\"p\": " + cell + "}");
      auto document = parser_.iterate(padded);
      simdjson::ondemand::object object;
      EXPECT_EQ(document.get_object().get(object), simdjson::SUCCESS);
      const auto done = reader.read_object(object, frame, frame.add_row());
      if (!done.ok()) return done.error().message();
      const std::string_view text = frame.texts(0)[0];
      return data::is_missing(text) ? "missing" : "=" + std::string(text);
    };
    EXPECT_EQ(ask(R"("/9j/AA==")"), std::string("=\xff\xd8\xff\0", 5));
    EXPECT_EQ(ask(R"({"b64": "/9j/AA=="})"), std::string("=\xff\xd8\xff\0", 5));
    EXPECT_EQ(ask(R"("\/9j\u002fAA==")"), std::string("=\xff\xd8\xff\0", 5));
    EXPECT_EQ(ask(R"("")"), "=");
    EXPECT_EQ(ask("null"), "missing");
    const std::string place = R"(row 0, column "p": expected a text, got )";
    EXPECT_EQ(ask(R"("/9j/")"), "=\xff\xd8\xff");
    for (const char* bad : {R"("/9j_")", R"("/9j/A")", R"("/9j/ AA==")", R"("\n")"}) {
      EXPECT_EQ(ask(bad), place + "a text that is no base64") << bad;
    }
    EXPECT_EQ(ask(R"({"b64": "?"})"), place + R"("b64" that is no base64: "?")");
    EXPECT_EQ(ask("{}"), place + "an object");
    EXPECT_EQ(ask(R"({"b64": "", "b64": ""})"), place + "an object");
    EXPECT_EQ(ask("5"), place + "5");
    EXPECT_EQ(ask("true"), place + "true");
    EXPECT_EQ(ask(R"([""])"), place + "an array");
  }
}

TEST_F(RowReaderTest, GivesViewsOrCopiesAsAsked) {
  RowReader reader(three_columns(), {.copy_texts = true, .name_rows = false});
  data::Frame frame(three_columns());
  for (const auto json : {R"({"age": 1, "city": "first"})", R"({"age": 2, "city": "other"})"}) {
    const simdjson::padded_string padded{std::string_view(json)};
    auto document = parser_.iterate(padded);
    simdjson::ondemand::object object;
    ASSERT_EQ(document.get_object().get(object), simdjson::SUCCESS);
    ASSERT_TRUE(reader.read_object(object, frame, frame.add_row()).ok());
  }
  EXPECT_EQ(frame.texts(1)[0], "first");
  EXPECT_EQ(frame.texts(1)[1], "other");
}

TEST(JsonRowTest, WhateverStandsInAColumnThatNothingReadsIsPassedOver) {
  const data::Signature signature{
      {{"age", data::ColumnType::Number}, {"city", data::ColumnType::Number, false}}};
  RowReader reader(signature);
  data::Frame frame(signature);
  simdjson::ondemand::parser parser;
  for (const char* text : {R"([{"city": "Pau", "age": 1}])", R"([{"age": 1, "city": {"a": [2]}}])",
                           R"([{"age": 1}])", R"([[1, "Pau"]])"}) {
    frame.clear();
    const simdjson::padded_string json(std::string_view{text});
    simdjson::ondemand::document document;
    ASSERT_EQ(parser.iterate(json).get(document), simdjson::SUCCESS);
    for (auto row : document.get_array()) {
      simdjson::ondemand::value value;
      ASSERT_EQ(row.get(value), simdjson::SUCCESS);
      const auto read = reader.read_row(value, frame, frame.add_row());
      ASSERT_TRUE(read.ok()) << text << read.error().message();
    }
    EXPECT_EQ(frame.number(0, 0), 1) << text;
  }
}

// What reading one row under the signature says, and what the frame then holds.
class OneRow {
 public:
  OneRow(const data::Signature& signature, std::string_view json)
      : frame(signature), padded_(json) {
    RowReader reader(signature);
    simdjson::ondemand::value value;
    document_ = parser_.iterate(padded_);
    if (document_.get_value().get(value) != simdjson::SUCCESS) return;
    const auto done = reader.read_row(value, frame, frame.add_row());
    said = done.ok() ? "" : done.error().message();
  }

  data::Frame frame;
  std::string said = "malformed";

 private:
  simdjson::padded_string padded_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

TEST(OptionalColumnTest, MayBeOmittedAndIsThenZero) {
  const data::Signature signature{
      .columns = {{.name = "size", .optional = true},
                  {.name = "kind", .type = ColumnType::Text, .optional = true},
                  {.name = "age"}},
      .open = true};
  const OneRow omitted(signature, R"({"age": 3, "colour": [1]})");
  EXPECT_EQ(omitted.said, "");
  EXPECT_EQ(omitted.frame.number(0, 0), 0);
  EXPECT_TRUE(data::is_missing(omitted.frame.texts(1)[0]));
  const OneRow missing(signature, R"({"age": 3, "size": null})");
  EXPECT_TRUE(std::isnan(missing.frame.number(0, 0)));
  EXPECT_EQ(OneRow(signature, R"({"size": 3})").said,
            R"(row 0, column "age": expected a number, got no such column)");
}

TEST(JsonColumnTest, HoldsWhatStandsThere) {
  const data::Signature signature{
      .columns = {{.name = "tags", .type = ColumnType::Text, .json = data::Json::Strings},
                  {.name = "age"}}};
  const OneRow row(signature, R"({"tags": ["a", {"b": "]"}], "age": 3})");
  EXPECT_EQ(row.said, "");
  EXPECT_EQ(row.frame.texts(0)[0], R"(["a", {"b": "]"}])");
  EXPECT_EQ(row.frame.number(0, 1), 3);
  EXPECT_EQ(OneRow(signature, R"({"tags": "[\"a\"]", "age": 3})").frame.texts(0)[0], R"(["a"])");
  EXPECT_EQ(OneRow(signature, R"({"tags": 3, "age": 3})").said,
            R"(row 0, column "tags": expected an array, got 3)");
}

TEST(JsonColumnTest, MayBeTheRowItself) {
  const data::Signature signature{
      .columns = {
          {.name = "row", .type = ColumnType::Text, .json = data::Json::Object, .whole = true}}};
  EXPECT_EQ(OneRow(signature, R"({"row": 1, "a": "x"})").frame.texts(0)[0],
            R"({"row": 1, "a": "x"})");
  EXPECT_EQ(OneRow(signature, R"([["a", 1]])").frame.texts(0)[0], R"([["a", 1]])");
}

}  // namespace
}  // namespace table
