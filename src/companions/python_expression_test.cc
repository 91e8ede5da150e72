#include "companions/python_expression.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "companions/pmml_expression.h"
#include "plan_cells/cell_text.h"

namespace companions {
namespace {

using Cell = std::variant<double, std::string>;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// An expression that calls the functions.
PythonCode code_of(const std::string& text, const std::vector<std::string>& functions = {}) {
  PythonCode code{.text = text, .functions = {}};
  for (const std::string& each : functions) {
    auto function = parse_python_function(each);
    EXPECT_TRUE(function.ok()) << function.error().message();
    if (function.ok()) code.functions.push_back(*std::move(function));
  }
  return code;
}

std::string refusal(const std::string& text, const std::vector<std::string>& functions = {}) {
  const auto expression = parse_python_expression(code_of(text, functions));
  return expression.ok() ? "accepted" : expression.error().message();
}

// What an expression makes of a row, as Python would write it, or why it does not.
std::string value_of(base::Result<plan::Expression> expression, const std::vector<Cell>& row,
                     NumberKind kind = NumberKind::Float) {
  if (!expression.ok()) return expression.error().message();
  plan::Evaluate::Rules rules;
  rules.expression = *std::move(expression);
  Builder builder;
  std::vector<std::string> names;
  for (std::size_t c = 0; c < row.size(); ++c) names.push_back("c" + std::to_string(c));
  Port input = builder.declare(Builder::input(), names);
  if (kind != NumberKind::Float) input.kinds.assign(row.size(), kind);
  const auto made = express(builder, input, std::move(rules));
  if (!made.ok()) return made.error().message();
  const bool is_text = made->types.front() == ColumnType::Text;
  const std::vector<std::size_t> none;
  const auto answer = is_text ? builder.dense(*builder.select(input, none)) : *made;
  const auto plan = std::move(builder).finish(*answer, {});
  if (!plan.ok()) return plan.error().message();
  data::Frame frame(plan->signature());
  frame.add_row();
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (!plan->signature().columns[c].used) continue;
    if (const double* number = std::get_if<double>(&row[c])) {
      if (frame.type(c) == ColumnType::Number) frame.set_number(0, c, *number);
    } else {
      frame.set_text(0, c, std::get<std::string>(row[c]));
    }
  }
  plan::Plan::Scratch scratch(*plan);
  const auto run = plan->run(frame, scratch);
  if (!run.ok()) return run.error().message();
  if (is_text) return std::string(scratch[made->slot].cells.columns[0].texts[0]);
  std::string written;
  plan::append_python_text((*run)->dense.values[0], NumberKind::Unknown, written);
  return written;
}

std::string value(const std::string& text, const std::vector<Cell>& row,
                  NumberKind kind = NumberKind::Float) {
  return value_of(parse_python_expression(code_of(text)), row, kind);
}

TEST(PythonExpressionTest, ComputesAsPythonDoes) {
  struct Case {
    const char* text;
    std::vector<Cell> row;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {"X[0] % 2.0 > 0.0", {3.0}, "1"},
      {"(X[0] / X[1]) + 0.5", {1.0, 4.0}, "0.75"},
      {"-X[0] ** 2", {3.0}, "-9"},
      {"2 ** 3 ** 2", {0.0}, "512"},
      {"-7 // 2", {0.0}, "-4"},
      {"-7 % 3", {0.0}, "2"},
      {"7 % -3", {0.0}, "-2"},
      {"1 < X[0] <= 3", {3.0}, "1"},
      {"not X[0] == 1 and X[1] != 2 or False", {0.0, 3.0}, "1"},
      {"X[0] if pandas.notnull(X[0]) else -999", {kMissing}, "-999"},
      {"-999 if pandas.isnull(X[0]) else X[0]", {5.0}, "5"},
      {"X[0] in [1, 2.5, -3]", {-3.0}, "1"},
      {"X[0] not in (1, 2)", {3.0}, "1"},
      {"X[0] is None", {3.0}, "0"},
      {"numpy.log10(X[0])", {1000.0}, "3"},
      {"math.floor(X[0]) + len(\"abc\")", {1.5}, "4"},
      {"abs(X[\"c1\"])", {1.0, -2.5}, "2.5"},
      {"numpy.where(X[:, 0] > 1, X[:, 0], 0)", {2.0}, "2"},
      {"X[:, 0] / 0", {1.0}, "inf"},
      {"int('12') + float(\"1.5\")", {0.0}, "13.5"},
      {"X + 1", {1.0}, "2"},
      // NumPy's bools and zeros, which cells make, are others than Python's.
      {"(X[0] > 0) + (X[1] > 0)", {1.0, 2.0}, "1"},
      {"(1 > 0) + (2 > 0) + X[0]", {0.0}, "2"},
      {"X[0] % X[1]", {5.0, 0.0}, "nan"},
      {"X[0] / X[1]", {0.0, 0.0}, "nan"},
      {"X[:, 0] % X[:, 1]", {5.0, 0.0}, "nan"},
      {"X[0] ** X[1]", {-8.0, 0.5}, "nan"},
      {"str(0 * -5 + int(X[0]))", {0.0}, "0"},
      {"-21115620917894696.0 // 3.3", {0.0}, "-6398673005422636"},
      {"len(X[0].strip())", {std::string("\u00A0a\u3000\x1f")}, "1"},
      {"X[0] in ('red',)", {std::string("red")}, "1"},
      {"X[0] == 'red'", {std::string("red")}, "1"},
      {"'19' + X[0] + '-01-01'", {std::string("70")}, "1970-01-01"},
      {"X[0].strip().lower()", {std::string(" AB ")}, "ab"},
      {"str(X[0])", {2.0}, "2.0"},
  };
  for (const Case& each : cases) EXPECT_EQ(value(each.text, each.row), each.expected) << each.text;
  EXPECT_EQ(value("str(X[0])", {2.0}, NumberKind::Int), "2");
  EXPECT_EQ(value("str(X[0])", {1.0}, NumberKind::Bool), "True");
}

TEST(PythonExpressionTest, RefusesRowsAsPythonRaises) {
  EXPECT_EQ(value("X[0] / X[1]", {1.0, 0.0}), "row 0: expression: division by zero");
  EXPECT_EQ(value("math.log(X[0])", {-1.0}), "row 0: expression: math domain error");
  EXPECT_EQ(value("X[0] < 'a'", {std::string("b")}), "0");
  EXPECT_EQ(value("X[0] * None", {1.0}),
            "row 0: expression: expected operands of one type, got a text and a number");
  EXPECT_EQ(value("2 ** 60", {0.0}), "row 0: expression: expected integers below 2^53, got larger");
  const std::string by_zero = "row 0: expression: division by zero";
  EXPECT_EQ(value("X[0] // X[1]", {5.0, 0.0}), by_zero);
  EXPECT_EQ(value("5 % 0 + X[0]", {1.0}), by_zero);
  EXPECT_EQ(value("X[0] % X[1]", {5.0, 0.0}, NumberKind::Int), by_zero);
  EXPECT_EQ(value("X[0] ** -1", {0.0}), by_zero);
  EXPECT_EQ(value("numpy.where(X[0] > 0, 1 / X[0], -1)", {0.0}), by_zero);
  EXPECT_EQ(value("math.exp(X[0])", {1000.0}), "row 0: expression: overflow");
  EXPECT_EQ(value("math.floor(X[0])", {kMissing}),
            "row 0: expression: expected a finite number for int");
  EXPECT_EQ(value("(X[0] > 0) - (X[0] > 1)", {1.0}),
            "row 0: expression: expected numbers to subtract, got bools");
  EXPECT_EQ(value("int('9007199254740993')", {0.0}),
            "row 0: expression: expected integers below 2^53, got larger");
  EXPECT_EQ(value("float('0x1A')", {0.0}), "row 0: expression: expected a number, got \"0x1A\"");
}

TEST(PythonExpressionTest, NamesWhatItDoesNotUnderstand) {
  EXPECT_EQ(refusal("__import__('os')"),
            "expression \"__import__('os')\": expected a value or function that can be run instead "
            "of \"__import__\" at character 0");
  EXPECT_EQ(refusal("X[0].format()"),
            "expression \"X[0].format()\": expected a method that can be run instead of "
            "\"format\" at character 11");
  EXPECT_EQ(refusal("numpy.load('x')"),
            "expression \"numpy.load('x')\": expected a function that can be run instead of "
            "numpy.load at character 10");
  EXPECT_EQ(refusal("X[0] +"), "expression \"X[0] +\": expected a value at character 6");
  EXPECT_EQ(refusal("1 2"), "expression \"1 2\": expected its end at character 2");
  EXPECT_EQ(refusal("1 < X[0] + 1 < 3"),
            "expression \"1 < X[0] + 1 < 3\": expected a plain value between two comparisons at "
            "character 14");
  EXPECT_NE(refusal("0 < X[0] + 1 is not None").find("a plain value between"), std::string::npos);
  EXPECT_NE(refusal("X[0] in ('abcd')").find("a comma behind"), std::string::npos);
  EXPECT_NE(refusal("9007199254740993").find("below 2^53"), std::string::npos);
}

TEST(PythonExpressionTest, BoundsLengthDepthAndParts) {
  EXPECT_EQ(refusal(std::string(50, '(') + "1" + std::string(50, ')')), "accepted");
  EXPECT_NE(refusal(std::string(101, '(') + "1" + std::string(101, ')')).find("less nesting"),
            std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 1100; ++i) sum += "+1";
  EXPECT_NE(refusal(sum).find("fewer parts"), std::string::npos);
  EXPECT_NE(refusal(std::string(10'001, '1')).find("at most 10000 characters"), std::string::npos);
}

TEST(PythonExpressionTest, RefusesWhatMakesNumbersOrTexts) {
  EXPECT_EQ(value("1 if X[0] > 0 else 'a'", {1.0}),
            "\"expr\": expected numbers or texts, not both, as what it makes");
  EXPECT_EQ(value("X['other']", {1.0}), "\"expr\": expected a column that comes in, got \"other\"");
}

constexpr char kGrade[] = R"(def _grade(x, limit):
	"""Of two
	lines."""
	if x > limit:  # high
		if x > 2 * limit: return 'top'
		return 'high'
	elif x == limit:
		pass
	else:
		limit = -limit
	result = ('low' if x > limit
	  else 'bottom')
	return result
)";

TEST(PythonExpressionTest, CallsTheFunctionsOfAModel) {
  const PythonCode grade = code_of("_grade(X[0], X[1] + 0)", {kGrade});
  const auto graded = [&](double x) { return value_of(parse_python_expression(grade), {x, 3.0}); };
  EXPECT_EQ(graded(7), "top");
  EXPECT_EQ(graded(4), "high");
  EXPECT_EQ(graded(3), "bottom");
  EXPECT_EQ(graded(1), "low");
  EXPECT_EQ(graded(-4), "bottom");
  const std::string twice = "def twice(x):\n return x + x\n";
  const std::string four = "def four(x):\n return twice(twice(x)) if x > 0 else None\n";
  const auto fourfold = parse_python_expression(code_of("four(X[0] - 1)", {twice, four}));
  EXPECT_EQ(value_of(fourfold, {4.0}), "12");
  EXPECT_EQ(value_of(fourfold, {0.0}), "nan");
}

// Doubling a text takes a few bytes each time.
TEST(PythonExpressionTest, BoundsTheTextsOfARow) {
  std::string longer = "def longer(s):\n";
  for (int i = 0; i < 40; ++i) longer += " s = s + s\n";
  longer += " return len(s)\n";
  EXPECT_EQ(
      value_of(parse_python_expression(code_of("longer(X[0])", {longer})), {std::string("a")}),
      "row 0: expression: expected texts of at most 1048576 bytes");
}

// What a function keeps is no column.
TEST(PythonExpressionTest, CountsColumnsAlone) {
  const std::string three = "def three(a, b, c):\n d = a\n e = d\n return e + b + c\n";
  EXPECT_EQ(value_of(parse_python_expression(code_of("three(X[0], 2, 3)", {three})), {1.0}), "6");
}

TEST(PythonExpressionTest, GivesAFunctionTheRow) {
  const std::string sum = "def sum(row, by):\n    return row['c0'] + row[1] * by\n";
  EXPECT_EQ(value_of(parse_python_expression(code_of("sum(X, 2)", {sum})), {1.0, 5.0}), "11");
}

// An argument that raises does so whether the function reads it or not.
TEST(PythonExpressionTest, ComputesArgumentsBeforeTheCall) {
  const std::string first = "def first(a, b):\n    return a\n";
  const auto expression = parse_python_expression(code_of("first(-X[0], 1 / X[1])", {first}));
  EXPECT_EQ(value_of(expression, {1.0, 0.0}), "row 0: expression: division by zero");
}

TEST(PythonExpressionTest, RefusesCallsThatCannotBeWritten) {
  const std::string one = "def one(x):\n    return x + y\n";
  EXPECT_EQ(refusal("one(X[0])", {one}),
            "function one: expression \"x + y\": expected a value or function that can be run "
            "instead of \"y\" at character 4");
  EXPECT_NE(refusal("one()", {one}).find("more arguments"), std::string::npos);
  EXPECT_NE(refusal("one(1, 2)", {one}).find("fewer arguments"), std::string::npos);
  const std::string own = "def own(x):\n    return X[0]\n";
  EXPECT_NE(refusal("own(1)", {own}).find("instead of \"X\""), std::string::npos);
  const std::string itself = "def itself():\n    return itself()\n";
  EXPECT_NE(refusal("itself()", {itself}).find("less nesting"), std::string::npos);
  // Each doubles what the one before writes.
  std::vector<std::string> doubling = {"def f0(x):\n    return x\n"};
  for (int i = 1; i < 40; ++i) {
    const std::string before = "f" + std::to_string(i - 1);
    doubling.push_back("def f" + std::to_string(i) + "(x):\n    return " + before + "(x) + " +
                       before + "(x)\n");
  }
  EXPECT_NE(refusal("f39(1)", doubling).find("fewer parts"), std::string::npos);
}

// Read backwards, each comparison says what one more column is.
TEST(PythonExpressionTest, InfersLongChainsInBoundedTime) {
  std::vector<PythonCode> chain;
  for (int i = 0; i < 8'000; ++i) {
    chain.push_back(code_of("X[" + std::to_string(i) + "] == X[" + std::to_string(i + 1) + "]"));
  }
  chain.push_back(code_of("X[8000] == 'a'"));
  const auto choice = parse_python_choice(chain);
  ASSERT_TRUE(choice.ok());
  std::vector<std::optional<ColumnType>> columns(8'001);
  EXPECT_EQ(choice->infer(columns), ColumnType::Number);
  EXPECT_EQ(columns.back(), ColumnType::Text);
}

TEST(PythonExpressionTest, GivesThePositionOfTheFirstThatHolds) {
  std::vector<PythonCode> predicates;
  for (int i = 0; i < 2'000; ++i) predicates.push_back(code_of("X[0] == " + std::to_string(i)));
  const auto choice = parse_python_choice(predicates);
  EXPECT_EQ(value_of(choice, {0.0}), "0");
  EXPECT_EQ(value_of(choice, {1'999.0}), "1999");
  EXPECT_EQ(value_of(choice, {-1.0}), "2000");
  predicates.resize(40'000, code_of("X[0] == 1"));
  EXPECT_NE(parse_python_choice(predicates).error().message().find("fewer parts"),
            std::string::npos);
}

}  // namespace
}  // namespace companions
