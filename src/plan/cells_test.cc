#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/builder.h"
#include "plan/cell_domain.h"
#include "plan/cell_lookup.h"
#include "plan/cell_number.h"
#include "plan/cell_regex.h"
#include "plan/cell_text.h"
#include "plan/choose.h"
#include "plan/encode_rows.h"

namespace plan {
namespace {

using data::ColumnType;
using Cell = Lookup::Cell;  // A number, a text or nothing.
using RowOfCells = std::vector<Cell>;

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

  std::vector<std::string> operator()(const std::vector<RowOfCells>& rows) {
    data::Frame frame(plan_->signature());
    for (const RowOfCells& row : rows) {
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

using Texts = std::vector<std::string>;
constexpr auto kNumberCells = ColumnType::Number;
constexpr auto kTextCells = ColumnType::Text;

std::string said(double number, NumberKind kind) {
  std::string text;
  append_python_text(number, kind, text);
  return text;
}

TEST(CellTextTest, WritesNumbersAsPythonDoes) {
  EXPECT_EQ(said(3, NumberKind::Int), "3");
  EXPECT_EQ(said(3, NumberKind::Unknown), "3");
  EXPECT_EQ(said(3, NumberKind::Float), "3.0");
  EXPECT_EQ(said(0.1, NumberKind::Unknown), "0.1");
  EXPECT_EQ(said(1e16, NumberKind::Float), "1e+16");
  EXPECT_EQ(said(1e-5, NumberKind::Float), "1e-05");
  EXPECT_EQ(said(1, NumberKind::Bool), "True");
  EXPECT_EQ(said(std::nan(""), NumberKind::Int), "nan");
}

TEST(CellTextTest, ChangesCaseStripsAndSlicesByCodePoints) {
  TextChange lower{.to = TextChange::Case::Lower, .strip = true};
  CellRun run(std::make_shared<ChangeText>(lower, text::PythonVersion{}), {kTextCells});
  EXPECT_EQ(run({{Cell("  \u00C4 B\u2003")}, {Cell("")}, {Cell()}}), (Texts{"\u00E4 b", "", "-"}));
  TextChange slice{.slice = true, .begin = 1, .end = 3};
  CellRun part(std::make_shared<ChangeText>(slice, text::PythonVersion{}), {kTextCells});
  EXPECT_EQ(part({{Cell("a\u00E4\u6771z")}, {Cell("a")}, {Cell("ab")}}),
            (Texts{"\u00E4\u6771", "", "b"}));
}

TEST(CellTextTest, RefusesUpperCaseBeyondAscii) {
  TextChange upper{.to = TextChange::Case::Upper};
  CellRun run(std::make_shared<ChangeText>(upper, text::PythonVersion{}), {kTextCells});
  EXPECT_EQ(run({{Cell("ab1")}}), (Texts{"AB1"}));
  EXPECT_EQ(run({{Cell("\u00DF")}}),
            (Texts{"row 0: expected ASCII letters for upper case, got \"\u00DF\""}));
}

TEST(CellTextTest, JoinsWhatStrMakesOfCells) {
  const std::vector<NumberKind> kinds = {NumberKind::Int, NumberKind::Unknown};
  CellRun run(std::make_shared<JoinTexts>("/", kinds), {kNumberCells, kTextCells});
  EXPECT_EQ(run({{Cell(70.0), Cell("a")}, {Cell(), Cell()}}), (Texts{"70/a", "nan/nan"}));
}

TEST(CellRegexTest, FindsAndReplaces) {
  CellRun run(std::make_shared<Matches>(*text::Regex::make("^Male$", {})), {kTextCells});
  EXPECT_EQ(run({{Cell("Male")}, {Cell("Female")}}), (Texts{"1", "0"}));
  EXPECT_EQ(run({{Cell()}}), (Texts{"row 0: expected a text, got a missing value"}));
  CellRun replace(std::make_shared<ReplaceMatches>(*text::Regex::make("[aeiou]", {}), "."),
                  {kTextCells});
  EXPECT_EQ(replace({{Cell("banana")}, {Cell("")}}), (Texts{"b.n.n.", ""}));
}

TEST(CellLookupTest, MapsOneOrSeveralCells) {
  Lookup::Rules rules;
  rules.mapping = {{{Cell(8.0), Cell("x")}, Cell("8/x")}, {{Cell(4.0), Cell("y")}, Cell()}};
  rules.absent = "other";
  CellRun run(std::make_shared<Lookup>(rules), {kNumberCells, kTextCells});
  EXPECT_EQ(run({{Cell(8.0), Cell("x")},
                 {Cell(4.0), Cell("y")},
                 {Cell(1.0), Cell("x")},
                 {Cell(), Cell("x")}}),
            (Texts{"8/x", "-", "other", "-"}));
}

TEST(CellLookupTest, LeavesWhatIsNotMappedWhereTold) {
  Lookup::Rules rules;
  rules.mapping = {{{Cell("a")}, Cell("b")}};
  rules.absent_stays = true;
  CellRun run(std::make_shared<Lookup>(rules), {kTextCells});
  EXPECT_EQ(run({{Cell("a")}, {Cell("c")}, {Cell()}}), (Texts{"b", "c", "-"}));
}

TEST(CellNumberTest, CutsAsPandasDoes) {
  Cut::Rules rules{.edges = {0, 10, 20}, .texts = {"low", "high"}, .numbers = {}};
  CellRun right(std::make_shared<Cut>(rules), {kNumberCells});
  EXPECT_EQ(right({{Cell(0.0)}, {Cell(10.0)}, {Cell(10.5)}, {Cell(20.5)}, {Cell()}}),
            (Texts{"low", "low", "high", "-", "-"}));
  rules.right = false;
  CellRun left(std::make_shared<Cut>(rules), {kNumberCells});
  EXPECT_EQ(left({{Cell(0.0)}, {Cell(10.0)}, {Cell(20.0)}}), (Texts{"low", "high", "-"}));
}

TEST(CellNumberTest, CastsAsNumPyDoes) {
  NumberCast int8{.to = NumberCast::To::Integer, .bits = 8};
  CellRun wraps(std::make_shared<CastNumber>(int8), {kNumberCells});
  EXPECT_EQ(wraps({{Cell(1.9)}, {Cell(-1.9)}, {Cell(128.0)}}), (Texts{"1", "-1", "-128"}));
  EXPECT_EQ(wraps({{Cell()}}), (Texts{"row 0: expected a finite number, got a missing value"}));
  NumberCast integer{.to = NumberCast::To::Integer};
  CellRun parses(std::make_shared<CastNumber>(integer), {kTextCells});
  EXPECT_EQ(parses({{Cell("12")}}), (Texts{"12"}));
  EXPECT_EQ(parses({{Cell("1.5")}}), (Texts{"row 0: expected an integer, got \"1.5\""}));
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
  EXPECT_EQ(days({{Cell(86399.0)}, {Cell(3 * 86400.0)}}), (Texts{"-1", "2"}));
  EXPECT_EQ(days({{Cell()}}), (Texts{"row 0: expected a date, got a missing value"}));
  CellRun clock(std::make_shared<SinceDate>(0, SinceDate::Unit::SecondsOfDay), {kNumberCells});
  EXPECT_EQ(clock({{Cell(86401.0)}, {Cell(-1.0)}}), (Texts{"1", "86399"}));
}

TEST(CellNumberTest, AggregatesWithoutWhatIsMissing) {
  CellRun mean(std::make_shared<Aggregate>(Aggregate::Function::Mean),
               {kNumberCells, kNumberCells});
  EXPECT_EQ(mean({{Cell(1.0), Cell(2.0)}, {Cell(1.0), Cell()}, {Cell(), Cell()}}),
            (Texts{"1.5", "1", "-"}));
  CellRun least(std::make_shared<Aggregate>(Aggregate::Function::Least),
                {kNumberCells, kNumberCells});
  EXPECT_EQ(least({{Cell(3.0), Cell(2.0)}, {Cell(), Cell()}}), (Texts{"2", "-"}));
}

TEST(CellDomainTest, TreatsMissingInvalidAndOutlyingNumbers) {
  CellRules rules;
  rules.least = 0;
  rules.most = 100;
  CellRun refuses(std::make_shared<CheckDomain>(kNumberCells, rules, "age"), {kNumberCells});
  EXPECT_EQ(refuses({{Cell(7.0)}, {Cell()}}), (Texts{"7", "-"}));
  EXPECT_EQ(refuses({{Cell(101.0)}}),
            (Texts{"row 0, column \"age\": expected a number from 0 to 100, got 101"}));
  rules.invalid = CellRules::Treatment::AsMissing;
  rules.missing_put = -1.0;
  rules.outlier = CellRules::Outlier::AsExtreme;
  rules.low = 5;
  rules.high = 90;
  CellRun treats(std::make_shared<CheckDomain>(kNumberCells, rules, "age"), {kNumberCells});
  EXPECT_EQ(treats({{Cell(1.0)}, {Cell(95.0)}, {Cell(101.0)}, {Cell()}}),
            (Texts{"5", "90", "-1", "-1"}));
}

TEST(CellDomainTest, KnowsTheValuesOfTexts) {
  CellRules rules;
  rules.categories = Categories::of_texts({{"a", 0}, {"b", 1}});
  CellRun refuses(std::make_shared<CheckDomain>(kTextCells, rules, "c"), {kTextCells});
  EXPECT_EQ(refuses({{Cell("a")}, {Cell()}}), (Texts{"a", "-"}));
  EXPECT_EQ(refuses({{Cell("x")}}),
            (Texts{"row 0, column \"c\": expected one of 2 known categories, got \"x\""}));
  rules.invalid = CellRules::Treatment::Put;
  rules.invalid_put = "b";
  CellRun puts(std::make_shared<CheckDomain>(kTextCells, rules, "c"), {kTextCells});
  EXPECT_EQ(puts({{Cell("x")}}), (Texts{"b"}));
}

// Dense rows that a step over dense or cell inputs leaves.
std::vector<double> values_of(Builder builder, const Port& port,
                              const std::vector<RowOfCells>& rows) {
  const Plan plan = *std::move(builder).finish(port, {});
  data::Frame frame(plan.signature());
  for (const RowOfCells& row : rows) {
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
  EXPECT_EQ(values_of(builder, port, {{Cell("b")}, {Cell("a")}, {Cell("x")}}),
            (std::vector<double>{3, 4, 1, 2, 5, 6}));
  EXPECT_EQ(values_of(builder, port, {{Cell()}}), std::vector<double>{-12345});
}

TEST(ChooseRowsTest, TakesTheAnswerOfThePartThatMayAnswer) {
  for (const bool first : {true, false}) {
    Builder builder;
    const auto all = builder.dense(Builder::input(), 4);
    std::vector<Port> parts;
    for (std::size_t c = 0; c < 4; ++c) parts.push_back(*builder.select(*all, std::vector{c}));
    const ChooseRows::Rules rules{.parts = 2, .width = 1, .first = first};
    const Port port = builder.add(std::make_shared<ChooseRows>(rules), parts, Form::Dense, 1);
    const auto values = values_of(builder, port,
                                  {{Cell(1.0), Cell(7.0), Cell(0.0), Cell(8.0)},
                                   {Cell(0.0), Cell(7.0), Cell(1.0), Cell(8.0)},
                                   {Cell(1.0), Cell(7.0), Cell(1.0), Cell(8.0)}});
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
