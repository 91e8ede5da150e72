#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/builder.h"
#include "plan/choose.h"
#include "plan_cells/cell_domain.h"
#include "plan_cells/cell_lookup.h"
#include "plan_cells/cell_number.h"
#include "plan_cells/cell_regex.h"
#include "plan_cells/cell_text.h"
#include "plan_cells/encode_rows.h"

namespace plan {
namespace {

using data::ColumnType;
using CellValue = Lookup::Cell;  // A number, a text or nothing.
using CellRow = std::vector<CellValue>;

// What a function makes of rows: numbers and texts as texts, "-" for what is missing.
class CellRun {
 public:
  CellRun(std::shared_ptr<const CellFunction> function, std::vector<ColumnType> types) {
    Builder builder;
    std::vector<std::string> names;
    for (std::size_t c = 0; c < types.size(); ++c) names.push_back("c" + std::to_string(c));
    const auto cells = builder.cells(builder.declare(Builder::input(), names), types);
    type_ = function->type();
    MapCells::Part part{std::move(function), {}};
    for (std::size_t c = 0; c < types.size(); ++c) part.columns.push_back(c);
    std::vector<MapCells::Part> parts;
    parts.push_back(std::move(part));
    Port port = builder.add_cells(std::make_shared<MapCells>(std::move(parts)), *cells, {type_});
    if (type_ == ColumnType::Text) {
      // The plan's answer is numbers; the texts are looked at where they lie.
      slot_ = port.slot;
      port = *builder.dense(
          *builder.select(builder.declare(Builder::input(), names), std::vector<std::size_t>{}));
    }
    plan_ = std::make_unique<Plan>(*std::move(builder).finish(port, {}));
  }

  std::vector<std::string> operator()(const std::vector<CellRow>& rows) {
    data::Frame frame(plan_->signature());
    for (const CellRow& row : rows) {
      const std::size_t at = frame.add_row();
      for (std::size_t c = 0; c < row.size(); ++c) {
        if (const double* number = std::get_if<double>(&row[c])) frame.set_number(at, c, *number);
        if (const auto* text = std::get_if<std::string>(&row[c])) frame.set_text(at, c, *text);
      }
    }
    Plan::Scratch scratch(*plan_);
    const auto answer = plan_->run(frame, scratch);
    if (!answer.ok()) return {answer.error().message()};
    std::vector<std::string> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (type_ == ColumnType::Text) {
        const std::string_view text = scratch[slot_].cells.columns[0].texts[i];
        out.emplace_back(data::is_missing(text) ? "-" : text);
      } else {
        std::string text;
        append_python_text((*answer)->dense.values[i], NumberKind::Unknown, text);
        out.push_back(text == "nan" ? "-" : text);
      }
    }
    return out;
  }

 private:
  ColumnType type_ = ColumnType::Number;
  std::size_t slot_ = 0;
  std::unique_ptr<Plan> plan_;
};

using CellTexts = std::vector<std::string>;
constexpr auto kNumberCells = ColumnType::Number;
constexpr auto kTextCells = ColumnType::Text;

std::string python_of(double number, NumberKind kind) {
  std::string text;
  append_python_text(number, kind, text);
  return text;
}

TEST(CellTextTest, WritesNumbersAsPythonDoes) {
  EXPECT_EQ(python_of(3, NumberKind::Int), "3");
  EXPECT_EQ(python_of(3, NumberKind::Unknown), "3");
  EXPECT_EQ(python_of(3, NumberKind::Float), "3.0");
  EXPECT_EQ(python_of(0.1, NumberKind::Unknown), "0.1");
  EXPECT_EQ(python_of(1e16, NumberKind::Float), "1e+16");
  EXPECT_EQ(python_of(1e-5, NumberKind::Float), "1e-05");
  EXPECT_EQ(python_of(1, NumberKind::Bool), "True");
  EXPECT_EQ(python_of(std::nan(""), NumberKind::Int), "nan");
}

TEST(CellTextTest, ChangesCaseStripsAndSlicesByCodePoints) {
  TextChange lower{.to = TextChange::Case::Lower, .strip = true};
  CellRun run(std::make_shared<ChangeText>(lower, text::PythonVersion{}), {kTextCells});
  EXPECT_EQ(run({{CellValue("  \u00C4 B\u2003")}, {CellValue("")}, {CellValue()}}),
            (CellTexts{"\u00E4 b", "", "-"}));
  TextChange slice{.slice = true, .begin = 1, .end = 3};
  CellRun part(std::make_shared<ChangeText>(slice, text::PythonVersion{}), {kTextCells});
  EXPECT_EQ(part({{CellValue("a\u00E4\u6771z")}, {CellValue("a")}, {CellValue("ab")}}),
            (CellTexts{"\u00E4\u6771", "", "b"}));
}

TEST(CellTextTest, RefusesUpperCaseBeyondAscii) {
  TextChange upper{.to = TextChange::Case::Upper};
  CellRun run(std::make_shared<ChangeText>(upper, text::PythonVersion{}), {kTextCells});
  EXPECT_EQ(run({{CellValue("ab1")}}), (CellTexts{"AB1"}));
  EXPECT_EQ(run({{CellValue("\u00DF")}}),
            (CellTexts{"row 0: expected ASCII letters for upper case, got \"\u00DF\""}));
}

TEST(CellTextTest, JoinsWhatStrMakesOfCells) {
  const std::vector<NumberKind> kinds = {NumberKind::Int, NumberKind::Unknown};
  CellRun run(std::make_shared<JoinTexts>("/", kinds), {kNumberCells, kTextCells});
  EXPECT_EQ(run({{CellValue(70.0), CellValue("a")}, {CellValue(), CellValue()}}),
            (CellTexts{"70/a", "nan/nan"}));
}

TEST(CellRegexTest, FindsAndReplaces) {
  CellRun run(std::make_shared<Matches>(*text::Regex::make("^Male$", {})), {kTextCells});
  EXPECT_EQ(run({{CellValue("Male")}, {CellValue("Female")}}), (CellTexts{"1", "0"}));
  EXPECT_EQ(run({{CellValue()}}), (CellTexts{"row 0: expected a text, got a missing value"}));
  CellRun replace(std::make_shared<ReplaceMatches>(*text::Regex::make("[aeiou]", {}), "."),
                  {kTextCells});
  EXPECT_EQ(replace({{CellValue("banana")}, {CellValue("")}}), (CellTexts{"b.n.n.", ""}));
}

TEST(CellLookupTest, MapsOneOrSeveralCells) {
  Lookup::Rules rules;
  rules.mapping = {{{CellValue(8.0), CellValue("x")}, CellValue("8/x")},
                   {{CellValue(4.0), CellValue("y")}, CellValue()}};
  rules.absent = "other";
  CellRun run(std::make_shared<Lookup>(rules), {kNumberCells, kTextCells});
  EXPECT_EQ(run({{CellValue(8.0), CellValue("x")},
                 {CellValue(4.0), CellValue("y")},
                 {CellValue(1.0), CellValue("x")},
                 {CellValue(), CellValue("x")}}),
            (CellTexts{"8/x", "-", "other", "-"}));
}

TEST(CellLookupTest, LeavesWhatIsNotMappedWhereTold) {
  Lookup::Rules rules;
  rules.mapping = {{{CellValue("a")}, CellValue("b")}};
  rules.absent_stays = true;
  CellRun run(std::make_shared<Lookup>(rules), {kTextCells});
  EXPECT_EQ(run({{CellValue("a")}, {CellValue("c")}, {CellValue()}}), (CellTexts{"b", "c", "-"}));
}

TEST(CellNumberTest, CutsAsPandasDoes) {
  Cut::Rules rules{.edges = {0, 10, 20}, .texts = {"low", "high"}, .numbers = {}};
  CellRun right(std::make_shared<Cut>(rules), {kNumberCells});
  EXPECT_EQ(right({{CellValue(0.0)},
                   {CellValue(10.0)},
                   {CellValue(10.5)},
                   {CellValue(20.5)},
                   {CellValue()}}),
            (CellTexts{"low", "low", "high", "-", "-"}));
  rules.right = false;
  CellRun left(std::make_shared<Cut>(rules), {kNumberCells});
  EXPECT_EQ(left({{CellValue(0.0)}, {CellValue(10.0)}, {CellValue(20.0)}}),
            (CellTexts{"low", "high", "-"}));
}

TEST(CellNumberTest, CastsAsNumPyDoes) {
  NumberCast int8{.to = NumberCast::To::Integer, .bits = 8};
  CellRun wraps(std::make_shared<CastNumber>(int8), {kNumberCells});
  EXPECT_EQ(wraps({{CellValue(1.9)}, {CellValue(-1.9)}, {CellValue(128.0)}}),
            (CellTexts{"1", "-1", "-128"}));
  EXPECT_EQ(wraps({{CellValue()}}),
            (CellTexts{"row 0: expected a finite number, got a missing value"}));
  NumberCast integer{.to = NumberCast::To::Integer};
  CellRun parses(std::make_shared<CastNumber>(integer), {kTextCells});
  EXPECT_EQ(parses({{CellValue("12")}}), (CellTexts{"12"}));
  EXPECT_EQ(parses({{CellValue("1.5")}}), (CellTexts{"row 0: expected an integer, got \"1.5\""}));
}

TEST(CellNumberTest, ReadsDatesOfIso8601) {
  EXPECT_EQ(parse_date("1970-01-02"), 86400);
  EXPECT_EQ(parse_date("1968-12-21T12:51:00"), -32440140);
  EXPECT_EQ(parse_date("2024-02-29 00:00:01.5"), 1709164801.5);
  for (const char* text : {"", "1970-02-30", "1970-1-1", "1970-01-01T25:00", "1970-01-01T00:00:60",
                           "1970-01-01Z", "70"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(CellNumberTest, CountsDaysAndSecondsSinceADate) {
  CellRun days(std::make_shared<SinceDate>(86400, SinceDate::Unit::Days), {kNumberCells});
  EXPECT_EQ(days({{CellValue(86399.0)}, {CellValue(3 * 86400.0)}}), (CellTexts{"-1", "2"}));
  EXPECT_EQ(days({{CellValue()}}), (CellTexts{"row 0: expected a date, got a missing value"}));
  CellRun clock(std::make_shared<SinceDate>(0, SinceDate::Unit::SecondsOfDay), {kNumberCells});
  EXPECT_EQ(clock({{CellValue(86401.0)}, {CellValue(-1.0)}}), (CellTexts{"1", "86399"}));
}

TEST(CellNumberTest, AggregatesWithoutWhatIsMissing) {
  CellRun mean(std::make_shared<Aggregate>(Aggregate::Function::Mean),
               {kNumberCells, kNumberCells});
  EXPECT_EQ(mean({{CellValue(1.0), CellValue(2.0)},
                  {CellValue(1.0), CellValue()},
                  {CellValue(), CellValue()}}),
            (CellTexts{"1.5", "1", "-"}));
  CellRun least(std::make_shared<Aggregate>(Aggregate::Function::Least),
                {kNumberCells, kNumberCells});
  EXPECT_EQ(least({{CellValue(3.0), CellValue(2.0)}, {CellValue(), CellValue()}}),
            (CellTexts{"2", "-"}));
}

TEST(CellDomainTest, TreatsMissingInvalidAndOutlyingNumbers) {
  CellRules rules;
  rules.least = 0;
  rules.most = 100;
  CellRun refuses(std::make_shared<CheckDomain>(kNumberCells, rules, "age"), {kNumberCells});
  EXPECT_EQ(refuses({{CellValue(7.0)}, {CellValue()}}), (CellTexts{"7", "-"}));
  EXPECT_EQ(refuses({{CellValue(101.0)}}),
            (CellTexts{"row 0, column \"age\": expected a number from 0 to 100, got 101"}));
  rules.invalid = CellRules::Treatment::AsMissing;
  rules.missing_put = -1.0;
  rules.outlier = CellRules::Outlier::AsExtreme;
  rules.low = 5;
  rules.high = 90;
  CellRun treats(std::make_shared<CheckDomain>(kNumberCells, rules, "age"), {kNumberCells});
  EXPECT_EQ(treats({{CellValue(1.0)}, {CellValue(95.0)}, {CellValue(101.0)}, {CellValue()}}),
            (CellTexts{"5", "90", "-1", "-1"}));
}

TEST(CellDomainTest, KnowsTheValuesOfTexts) {
  CellRules rules;
  rules.categories = Categories::of_texts({{"a", 0}, {"b", 1}});
  CellRun refuses(std::make_shared<CheckDomain>(kTextCells, rules, "c"), {kTextCells});
  EXPECT_EQ(refuses({{CellValue("a")}, {CellValue()}}), (CellTexts{"a", "-"}));
  EXPECT_EQ(refuses({{CellValue("x")}}),
            (CellTexts{"row 0, column \"c\": expected one of 2 known categories, got \"x\""}));
  rules.invalid = CellRules::Treatment::Put;
  rules.invalid_put = "b";
  CellRun puts(std::make_shared<CheckDomain>(kTextCells, rules, "c"), {kTextCells});
  EXPECT_EQ(puts({{CellValue("x")}}), (CellTexts{"b"}));
}

// Dense rows that a step over dense or cell inputs leaves.
std::vector<double> dense_of(Builder builder, const Port& port, const std::vector<CellRow>& rows) {
  const Plan plan = *std::move(builder).finish(port, {});
  data::Frame frame(plan.signature());
  for (const CellRow& row : rows) {
    const std::size_t at = frame.add_row();
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (const double* number = std::get_if<double>(&row[c])) frame.set_number(at, c, *number);
      if (const auto* text = std::get_if<std::string>(&row[c])) frame.set_text(at, c, *text);
    }
  }
  Plan::Scratch scratch(plan);
  const auto answer = plan.run(frame, scratch);
  return answer.ok() ? (*answer)->dense.values : std::vector<double>{-12345};
}

TEST(EncodeRowsTest, GivesEachCategoryItsNumbers) {
  EncodeRows::Column column{.categories = Categories::of_texts({{"a", 0}, {"b", 1}}),
                            .rows = {1, 2, 3, 4, 5, 6},
                            .width = 2,
                            .name = "c",
                            .unknown = 2};
  Builder builder;
  const std::vector<ColumnType> types = {kTextCells};
  const auto cells =
      builder.cells(builder.declare(Builder::input(), std::vector<std::string>{"c"}), types);
  const Port port =
      builder.add(std::make_shared<EncodeRows>(std::vector{column}), *cells, Form::Dense, 2);
  EXPECT_EQ(dense_of(builder, port, {{CellValue("b")}, {CellValue("a")}, {CellValue("x")}}),
            (std::vector<double>{3, 4, 1, 2, 5, 6}));
  EXPECT_EQ(dense_of(builder, port, {{CellValue()}}), std::vector<double>{-12345});
}

TEST(ChooseRowsTest, TakesTheAnswerOfThePartThatMayAnswer) {
  for (const bool first : {true, false}) {
    Builder builder;
    const auto all = builder.dense(Builder::input(), 4);
    std::vector<Port> parts;
    for (std::size_t c = 0; c < 4; ++c) parts.push_back(*builder.select(*all, std::vector{c}));
    const ChooseRows::Rules rules{.parts = 2, .width = 1, .first = first};
    const Port port = builder.add(std::make_shared<ChooseRows>(rules), parts, Form::Dense, 1);
    const auto values =
        dense_of(builder, port,
                 {{CellValue(1.0), CellValue(7.0), CellValue(0.0), CellValue(8.0)},
                  {CellValue(0.0), CellValue(7.0), CellValue(1.0), CellValue(8.0)},
                  {CellValue(1.0), CellValue(7.0), CellValue(1.0), CellValue(8.0)}});
    EXPECT_EQ(values, (std::vector<double>{7, 8, first ? 7.0 : 8.0}));
  }
}

TEST(StackTest, LeavesColumnsToWhoeverReadsThem) {
  Builder builder;
  const Port input =
      builder.declare(Builder::input(), std::vector<std::string>{"n", "t", "unused"});
  const auto number = builder.dense(*builder.select(input, std::vector<std::size_t>{0}));
  const auto text = builder.select(input, std::vector<std::size_t>{1});
  const std::vector<Port> parts = {*number, *text};
  const auto stacked = builder.hstack(parts);
  ASSERT_TRUE(stacked.ok());
  EXPECT_EQ(stacked->names, (std::vector<std::string>{"n", "t"}));
  const std::vector<ColumnType> types = {kNumberCells, kTextCells};
  const auto cells = builder.cells(*stacked, types);
  ASSERT_TRUE(cells.ok());
  EXPECT_EQ(cells->types, types);
  const auto swapped = builder.select(*stacked, std::vector<std::size_t>{1, 0});
  ASSERT_TRUE(swapped.ok());
  EXPECT_EQ(swapped->names, (std::vector<std::string>{"t", "n"}));
  const auto refused = builder.numeric(*stacked);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "column \"t\": expected one type for all who read it, got number and text");
}

}  // namespace
}  // namespace plan
