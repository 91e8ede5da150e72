#include "plan/builder.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/categories.h"
#include "plan_cells/one_hot.h"
#include "plan_preparation/scale.h"

namespace plan {
namespace {

using Names = std::vector<std::string>;
using Positions = std::vector<std::size_t>;

// Finishes the plan and runs it on rows of numbers.
class Runner {
 public:
  explicit Runner(base::Result<Plan> plan)
      : plan_(*std::move(plan)), frame_(plan_.signature()), scratch_(plan_) {}

  base::Result<const Buffer*> run(const std::vector<std::vector<double>>& rows) {
    frame_.clear();
    for (const auto& row : rows) {
      const std::size_t at = frame_.add_row();
      for (std::size_t c = 0; c < row.size(); ++c) frame_.set_number(at, c, row[c]);
    }
    return plan_.run(frame_, scratch_);
  }
  const Plan& plan() const { return plan_; }

 private:
  Plan plan_;
  data::Frame frame_;
  Plan::Scratch scratch_;
};

Runner finish(Builder builder, const Port& port) {
  return Runner(std::move(builder).finish(port, {}));
}

TEST(BuilderTest, TypesColumnsByWhoReadsThemAndMarksTheRest) {
  Builder builder;
  const Names names = {"age", "city", "unread"};
  const Port input = builder.declare(Builder::input(), names);
  const auto age = builder.select(input, Names{"age"});
  ASSERT_TRUE(age.ok());
  const auto number = builder.numeric(*age, 1);
  ASSERT_TRUE(number.ok());
  const auto city = builder.select(input, Names{"city"});
  ASSERT_TRUE(city.ok());
  ASSERT_TRUE(builder.text(*city).ok());
  const auto plan = std::move(builder).finish(*number, {});
  ASSERT_TRUE(plan.ok());
  const data::Signature expected{{{"age", data::ColumnType::Number, true},
                                  {"city", data::ColumnType::Text, true},
                                  {"unread", data::ColumnType::Number, false}}};
  EXPECT_EQ(plan->signature(), expected);
}

TEST(BuilderTest, NamesTheColumnThatTwoReadAsDifferentTypes) {
  Builder builder;
  const Port input = builder.declare(Builder::input(), Names{"age"});
  ASSERT_TRUE(builder.numeric(input, 1).ok());
  const auto refused = builder.text(input);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            R"(column "age": expected one type for all who read it, got number and text)");
}

TEST(BuilderTest, TheFirstToDeclareDecides) {
  Builder builder;
  const Port named = builder.declare(Builder::input(), Names{"a", "b"});
  const auto counted = builder.declare(Builder::input(), std::size_t{5});
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(counted->names, named.names);
  const auto refused = builder.numeric(Builder::input(), 5);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "number of features: expected 5, got 2");
}

TEST(BuilderTest, NamesColumnsThatHaveNone) {
  Builder builder;
  const auto port = builder.numeric(Builder::input(), 2);
  ASSERT_TRUE(port.ok());
  const auto plan = std::move(builder).finish(*port, {});
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->signature().columns.size(), 2U);
  EXPECT_EQ(plan->signature().columns[1].name, "x1");
}

TEST(BuilderTest, RefusesColumnsThatAreNotThere) {
  Builder builder;
  const Port input = builder.declare(Builder::input(), Names{"a", "b"});
  const auto unknown = builder.select(Builder::input(), Names{"c"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message(),
            R"(column "c": expected one of the 2 columns the model was fitted with)");
  const auto far = builder.select(input, Positions{2});
  ASSERT_FALSE(far.ok());
  EXPECT_EQ(far.error().message(),
            "column position below the number of columns: expected 2, got 2");
  const auto dense = builder.dense(input, 2);
  ASSERT_TRUE(dense.ok());
  const auto behind = builder.select(*dense, Names{"z"});
  ASSERT_FALSE(behind.ok());
  EXPECT_EQ(behind.error().message(),
            R"(column "z": expected one of the names that the step before gives its columns)");
}

TEST(BuilderTest, RefusesMoreColumnsThanAnybodySends) {
  Builder builder;
  EXPECT_TRUE(builder.numeric(Builder::input(), Builder::kInputColumnsMax).ok());
  Builder other;
  const auto refused = other.numeric(Builder::input(), Builder::kInputColumnsMax + 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "number of input columns: expected at most 1000000, got 1000001");
}

TEST(BuilderTest, RefusesStepsOverTooManyColumnsInAll) {
  Builder builder;
  const Port input = builder.declare(Builder::input(), Names{"a"});
  const auto refused = builder.select(input, Positions(20'000'001));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "plan: expected steps over at most 20000000 columns in all, got more");
}

TEST(BuilderTest, RefusesTextForNumbersAndNumbersForText) {
  Builder builder;
  const auto dense = builder.dense(Builder::input(), 1);
  ASSERT_TRUE(dense.ok());
  const auto text = builder.text(*dense);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().message(), "features: expected text, got numbers");
  Builder other;
  const auto words = other.text(Builder::input());
  ASSERT_TRUE(words.ok());
  const auto numbers = other.numeric(*words);
  ASSERT_FALSE(numbers.ok());
  EXPECT_EQ(numbers.error().message(), "column \"text\": expected numbers, got text");
}

TEST(BuilderTest, PutsDensePartsSideBySideInTheirOrder) {
  Builder builder;
  const Port input = builder.declare(Builder::input(), Names{"a", "b", "c"});
  const auto last = builder.select(input, Positions{2});
  const auto firsts = builder.select(input, Positions{0, 1, 0});
  ASSERT_TRUE(last.ok() && firsts.ok());
  const std::vector<Port> parts = {*last, *firsts};
  const auto stacked = builder.hstack(parts);
  ASSERT_TRUE(stacked.ok());
  EXPECT_EQ(stacked->names, (Names{"c", "a", "b", "a"}));
  Runner runner = finish(std::move(builder), *stacked);
  const auto answer = runner.run({{1, 2, 3}, {4, 5, 6}});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ((*answer)->dense.values, (std::vector<double>{3, 1, 2, 1, 6, 4, 5, 4}));
}

TEST(BuilderTest, IsSparseWhereOnePartIsAndLeavesZerosOut) {
  Builder builder;
  const auto dense = builder.dense(Builder::input(), 2);
  ASSERT_TRUE(dense.ok());
  const auto sparse = builder.sparse(*dense);
  ASSERT_TRUE(sparse.ok());
  const std::vector<Port> parts = {*dense, *sparse};
  const auto stacked = builder.hstack(parts);
  ASSERT_TRUE(stacked.ok());
  EXPECT_EQ(stacked->form, Form::Sparse);
  const auto picked = builder.select(*stacked, Positions{3, 0, 3});
  ASSERT_TRUE(picked.ok());
  Runner runner = finish(std::move(builder), *picked);
  const auto answer = runner.run({{5, 7}, {0, 8}});
  ASSERT_TRUE(answer.ok());
  const SparseMatrix& rows = (*answer)->sparse;
  EXPECT_EQ(rows.starts, (std::vector<std::size_t>{0, 3, 5}));
  EXPECT_EQ(rows.indices, (std::vector<std::uint32_t>{1, 0, 2, 0, 2}));
  EXPECT_EQ(rows.values, (std::vector<double>{5, 7, 7, 8, 8}));
}

TEST(BuilderTest, SpreadsSparseRowsOut) {
  Builder builder;
  const auto dense = builder.dense(Builder::input(), 3);
  ASSERT_TRUE(dense.ok());
  const auto sparse = builder.sparse(*dense);
  ASSERT_TRUE(sparse.ok());
  const auto again = builder.dense(*sparse);
  ASSERT_TRUE(again.ok());
  Runner runner = finish(std::move(builder), *again);
  for (int run = 0; run < 2; ++run) {
    const auto answer = runner.run({{1, 0, 3}, {0, 2, 0}});
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ((*answer)->dense.values, (std::vector<double>{1, 0, 3, 0, 2, 0}));
  }
}

struct NotFinite {
  double value;
  Allowed allowed;
  std::string message;  // Empty: accepted.
};

TEST(BuilderTest, NamesTheCellThatIsNotFinite) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const NotFinite cases[] = {
      {nan, {}, R"(row 1, column "age": expected a finite number, got a missing value)"},
      {nan, {.nan = true}, ""},
      {-infinity, {.nan = true}, R"(row 1, column "age": expected a finite number, got infinity)"},
      {3.5e38, {}, ""},
      {0x1.fffffefp127, {.float32_only = true}, ""},
      {0x1.ffffffp127,
       {.float32_only = true},
       R"(row 1, column "age": expected a finite number, got 3.4028235677973366e+38, too large )"
       "for float32"},
  };
  for (const NotFinite& each : cases) {
    Builder builder;
    const Port input = builder.declare(Builder::input(), Names{"size", "age"});
    const auto port = builder.finite(input, 2, each.allowed);
    ASSERT_TRUE(port.ok());
    Runner runner = finish(std::move(builder), *port);
    const auto answer = runner.run({{1, 2}, {3, each.value}});
    EXPECT_EQ(answer.ok() ? "" : answer.error().message(), each.message);
  }
}

TEST(BuilderTest, DescribesThePlanStepByStep) {
  Builder builder;
  const auto port = builder.numeric(Builder::input(), 2);
  ASSERT_TRUE(port.ok());
  const Port scaled = builder.add(
      std::make_shared<CenterScale>(2, std::vector<double>{1, 1}, std::vector<double>{}), *port,
      Form::Dense, 2);
  const Port halved =
      builder.add(std::make_shared<MultiplyAll>(Form::Dense, 2, 0.5), scaled, Form::Dense, 2);
  Runner runner = finish(std::move(builder), halved);
  EXPECT_EQ(runner.plan().describe(), (Names{"%0 = gather 2 columns", "%1 = scale 2 features of %0",
                                             "%2 = multiply 2 features by 0.5 of %1"}));
  const auto answer = runner.run({{3, 5}});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ((*answer)->dense.values, (std::vector<double>{1, 2}));
}

TEST(BuilderTest, NamesTheCategoryThatIsUnknown) {
  Builder builder;
  const Port input = builder.declare(Builder::input(), Names{"size"});
  const data::ColumnType type = data::ColumnType::Number;
  const auto cells = builder.cells(input, std::span(&type, 1));
  ASSERT_TRUE(cells.ok());
  std::vector<OneHot::Column> columns;
  columns.push_back({.categories = Categories::of_numbers({{2, 1}, {1, 0}}), .name = "size"});
  const Port hot =
      builder.add(std::make_shared<OneHot>(std::move(columns), 2), *cells, Form::Sparse, 2);
  Runner runner = finish(std::move(builder), hot);
  const auto known = runner.run({{2}, {1}});
  ASSERT_TRUE(known.ok());
  EXPECT_EQ((*known)->sparse.indices, (std::vector<std::uint32_t>{1, 0}));
  const auto unknown = runner.run({{1}, {7.5}});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message(),
            R"(row 1, column "size": expected one of 2 known categories, got 7.5)");
  const auto missing = runner.run({{std::nan("")}});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message(),
            R"(row 0, column "size": expected one of 2 known categories, got a missing value)");
}

TEST(BuilderTest, TakesTheColumnsThatItWasToldWhereNobodyKnowsThem) {
  Builder alone;
  const auto refused = alone.numeric(Builder::input());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "number of input columns: expected n_features_in_, got none");
  EXPECT_TRUE(alone.asked_for_columns());

  Builder told;
  told.assume({"a", "b"});
  const auto port = told.numeric(Builder::input());
  ASSERT_TRUE(port.ok()) << port.error().message();
  EXPECT_EQ(port->names, (Names{"a", "b"}));
  EXPECT_TRUE(told.asked_for_columns());
  ASSERT_FALSE(told.numeric(*port, 3).ok());
  ASSERT_TRUE(told.mismatch().has_value());
  EXPECT_EQ(told.mismatch()->expected, 3U);
  EXPECT_EQ(told.mismatch()->got, 2U);
}

TEST(BuilderTest, ReadsTheRowItselfAsJson) {
  Builder builder;
  const auto port = builder.json(Builder::input(), data::Json::Object);
  ASSERT_TRUE(port.ok()) << port.error().message();
  const auto number = builder.select(Builder::input(), Names{"age"});
  EXPECT_FALSE(number.ok());
  Builder behind;
  const auto made = behind.numeric(Builder::input(), 1);
  ASSERT_TRUE(made.ok());
  const auto refused = behind.json(*made, data::Json::Object);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(
      refused.error().message(),
      "features: expected a column of names and their values as rows have it, got what a step "
      "before has made");
}

TEST(BuilderTest, ChecksSparseRowsAgainWhereNanWasLetThrough) {
  Builder builder;
  const auto numbers = builder.numeric(Builder::input(), 2);
  ASSERT_TRUE(numbers.ok());
  const auto sparse = builder.sparse(*numbers);
  ASSERT_TRUE(sparse.ok());
  const auto let = builder.finite(*sparse, 2, {.nan = true});
  ASSERT_TRUE(let.ok());
  const auto checked = builder.finite(*let, 2, {.nan = true, .dense_only = true});
  ASSERT_TRUE(checked.ok());
  auto runner = finish(std::move(builder), *checked);
  EXPECT_FALSE(runner.run({{1, std::nan("")}}).ok());
}

}  // namespace
}  // namespace plan
