// The steps that compute, each alone.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/categories.h"
#include "plan_cells/encode.h"
#include "plan_cells/one_hot.h"
#include "plan_preparation/impute.h"
#include "plan_preparation/scale.h"
#include "plan_scores/linear.h"
#include "plan_scores/link.h"

namespace plan {
namespace {

const double kNan = std::nan("");

// Runs one step on what another left.
Buffer run(const Step& step, const Buffer& input, std::size_t rows) {
  data::Frame frame{data::Signature{}};
  for (std::size_t i = 0; i < rows; ++i) frame.add_row();
  const std::vector<std::size_t> slots = {0};
  Buffer out;
  const auto state = step.make_state();
  const auto done =
      step.run(Inputs(Window::all_of(frame), std::span(&input, 1), slots), out, state.get());
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
  return out;
}

Buffer dense(std::size_t columns, std::vector<double> values) {
  Buffer buffer;
  buffer.dense = {values.size() / columns, columns, std::move(values)};
  return buffer;
}

Buffer sparse(const Matrix& from) {
  Buffer buffer;
  buffer.sparse.clear(from.columns);
  for (std::size_t i = 0; i < from.rows; ++i) {
    for (std::size_t c = 0; c < from.columns; ++c) {
      if (from.row(i)[c] != 0) buffer.sparse.push(c, from.row(i)[c]);
    }
    buffer.sparse.end_row();
  }
  return buffer;
}

std::vector<double> link(LinkKind kind, const std::vector<double>& scores, double parameter = 1) {
  return run(Link(kind, scores.size(), parameter), dense(scores.size(), scores), 1).dense.values;
}

using Row = std::vector<double>;

TEST(LinkTest, SharesOutModifiedHuberAndZeroSums) {
  EXPECT_EQ(link(LinkKind::HuberPair, {0.5}), (Row{0.25, 0.75}));
  EXPECT_EQ(link(LinkKind::HuberPair, {7}), (Row{0, 1}));
  EXPECT_EQ(link(LinkKind::HuberNormalized, {1, 0, -1}), (Row{1 / 1.5, 0.5 / 1.5, 0}));
  EXPECT_EQ(link(LinkKind::HuberNormalized, {-1, -2}), (Row{0.5, 0.5}));
  EXPECT_EQ(link(LinkKind::ExpitNormalizedOrEven, {-800, -900}), (Row{0.5, 0.5}));
}

TEST(LinkTest, NormalizesLogLikelihoods) {
  const Row logs = link(LinkKind::LogNormalized, {-1000, -1000 + std::log(3)});
  EXPECT_NEAR(logs.at(0), std::log(0.25), 1e-13);
  EXPECT_NEAR(logs.at(1), std::log(0.75), 1e-13);
  EXPECT_NEAR(link(LinkKind::ExpNormalized, {5, 5 + std::log(3)}).at(1), 0.75, 1e-15);
  EXPECT_NEAR(link(LinkKind::LogSoftmax, {5, 5 + std::log(3)}).at(0), std::log(0.25), 1e-15);
  EXPECT_EQ(link(LinkKind::Difference, {2, 5}), (Row{3}));
}

TEST(LinkTest, FindsTheFirstThatIsNoNumberAsTheLargest) {
  EXPECT_EQ(link(LinkKind::ArgMax, {1, kNan, 3, kNan}), (Row{1}));
  EXPECT_EQ(link(LinkKind::ArgMax, {1, 3, 3}), (Row{1}));
}

TEST(LinkTest, TurnsOneScoreIntoTwoClasses) {
  const double p = 1 / (1 + std::exp(-0.75));
  EXPECT_EQ(link(LinkKind::ExpitPair, {0.75}), (Row{1 - p, p}));
  const double q = 1 / (1 + std::exp(-2 * 0.75));
  EXPECT_EQ(link(LinkKind::SigmoidPair, {0.75}, 2), (Row{1 - q, q}));
  const double other = std::exp(-0.75 - 0.75);
  EXPECT_EQ(link(LinkKind::SoftmaxPair, {0.75}), (Row{other / (other + 1), 1 / (other + 1)}));
  EXPECT_EQ(link(LinkKind::Pair, {0.25}), (Row{0.75, 0.25}));
}

TEST(LinkTest, StaysFiniteForScoresThatAreLarge) {
  EXPECT_EQ(link(LinkKind::ExpitPair, {-1000}), (Row{1, 0}));
  EXPECT_EQ(link(LinkKind::ExpitPair, {1000}), (Row{0, 1}));
  EXPECT_EQ(link(LinkKind::SoftmaxPair, {-1000}), (Row{1, 0}));
  EXPECT_EQ(link(LinkKind::Softmax, {1000, -1000, 1000}), (Row{0.5, 0, 0.5}));
}

TEST(LinkTest, DividesOneAgainstTheRestByTheSum) {
  const Row answer = link(LinkKind::ExpitNormalized, {0, 0, 0});
  EXPECT_EQ(answer, (Row{0.5 / 1.5, 0.5 / 1.5, 0.5 / 1.5}));
}

TEST(LinkTest, ChoosesTheFirstOfEquals) {
  EXPECT_EQ(link(LinkKind::ArgMax, {1, 3, 3}), Row{1});
  EXPECT_EQ(link(LinkKind::ArgMax, {0, 0, 0}), Row{0});
  EXPECT_EQ(link(LinkKind::AboveZero, {0}), Row{0});
  EXPECT_EQ(link(LinkKind::AboveZero, {-0.0}), Row{0});
  EXPECT_EQ(link(LinkKind::AboveZero, {5e-324}), Row{1});
}

TEST(LinkTest, LeavesOrRaisesScores) {
  EXPECT_EQ(link(LinkKind::Identity, {1, 2}), (Row{1, 2}));
  EXPECT_EQ(link(LinkKind::First, {1, 2}), Row{1});
  EXPECT_EQ(link(LinkKind::Exp, {0, 1}), (Row{1, std::exp(1.0)}));
}

Row waves(std::size_t count, double step) {
  Row values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(std::sin(static_cast<double>(i) * step));
  return values;
}

std::shared_ptr<const Coefficients> coefficients_of(std::size_t outputs, std::size_t features,
                                                    const Row& values, bool column_major = false) {
  return Coefficients::make({.outputs = outputs,
                             .features = features,
                             .doubles = std::as_bytes(std::span(values)),
                             .column_major = column_major});
}

TEST(LinearTest, IsTheSameForDenseAndSparseRows) {
  const std::size_t features = 19;
  const std::size_t outputs = 11;
  Row coefficients;
  for (std::size_t i = 0; i < features * outputs; ++i) {
    coefficients.push_back(std::sin(static_cast<double>(i)));
  }
  Row intercepts(outputs, 0.125);
  Row values;
  for (std::size_t i = 0; i < 3 * features; ++i) {
    values.push_back(i % 3 == 0 ? std::cos(static_cast<double>(i)) : 0);
  }
  const Buffer rows = dense(features, values);
  const auto shared = coefficients_of(outputs, features, coefficients);
  const Buffer one = run(Linear(Form::Dense, shared, intercepts), rows, 3);
  const Buffer other = run(Linear(Form::Sparse, shared, intercepts), sparse(rows.dense), 3);
  EXPECT_EQ(one.dense.values, other.dense.values);
  double expected = 0;
  for (std::size_t f = 0; f < features; ++f) {
    expected += values[features + f] * coefficients[4 * features + f];
  }
  EXPECT_EQ(one.dense.row(1)[4], expected + 0.125);
}

// Sizes around the groups, tiles and blocks in which the work is done; the sum of one score is
// that of its products in the order of the features, whatever else is scored with it.
TEST(LinearTest, SumsInTheOrderOfTheFeatures) {
  const struct {
    std::size_t rows, features, outputs;
  } cases[] = {{1, 1, 2},     {1, 8, 3},     {2, 7, 65},   {9, 2049, 5},
               {15, 17, 255}, {16, 64, 256}, {33, 65, 257}};
  for (const auto& [rows, features, outputs] : cases) {
    const Row coefficients = waves(features * outputs, 1.0);
    const Row values = waves(rows * features, 0.3);
    const Row intercepts = waves(outputs, 2.0);
    const Buffer scores =
        run(Linear(Form::Dense, coefficients_of(outputs, features, coefficients), intercepts),
            dense(features, values), rows);
    const auto in_place = Coefficients::view({.outputs = outputs,
                                              .features = features,
                                              .doubles = std::as_bytes(std::span(coefficients))},
                                             nullptr);
    EXPECT_EQ(
        run(Linear(Form::Dense, in_place, intercepts), dense(features, values), rows).dense.values,
        scores.dense.values);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t k = 0; k < outputs; ++k) {
        double sum = 0;
        for (std::size_t f = 0; f < features; ++f) {
          sum += values[i * features + f] * coefficients[k * features + f];
        }
        ASSERT_EQ(scores.dense.row(i)[k], sum + intercepts[k])
            << rows << " x " << features << " x " << outputs << " at " << i << ", " << k;
      }
    }
  }
}

TEST(CoefficientsTest, LieByFeatureWhateverTheOrderInTheFile) {
  for (const std::size_t outputs : {1U, 2U, 63U, 64U, 65U, 130U}) {
    for (const std::size_t features : {1U, 3U, 64U, 129U}) {
      const Row rows = waves(outputs * features, 1.0);
      Row columns;
      for (std::size_t f = 0; f < features; ++f) {
        for (std::size_t k = 0; k < outputs; ++k) columns.push_back(rows[k * features + f]);
      }
      const auto one = coefficients_of(outputs, features, rows);
      const auto other = coefficients_of(outputs, features, columns, true);
      EXPECT_TRUE(std::equal(columns.begin(), columns.end(), one->of_feature(0)));
      EXPECT_TRUE(std::equal(columns.begin(), columns.end(), other->of_feature(0)));
    }
  }
}

TEST(CoefficientsTest, AreReadWhereTheyLieAsLongAsTheirHolderLives) {
  const auto kept = std::make_shared<const Row>(waves(65 * 70, 1.0));
  {
    const auto view = Coefficients::view({.outputs = 65,
                                          .features = 70,
                                          .doubles = std::as_bytes(std::span(*kept)),
                                          .column_major = false},
                                         kept);
    EXPECT_FALSE(view->is_by_feature());
    EXPECT_EQ(kept.use_count(), 2);
    EXPECT_EQ(view->in_file().data(), std::as_bytes(std::span(*kept)).data());
    const auto copy = Coefficients::by_feature(view);
    EXPECT_TRUE(copy->is_by_feature());
    EXPECT_EQ(Coefficients::by_feature(copy), copy);
    EXPECT_EQ(copy->of_feature(69)[64], kept->back());
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(CoefficientsTest, NeedNoAlignment) {
  const Row rows = waves(6, 1.0);
  std::string bytes(1, 'x');
  bytes += base::as_text(std::as_bytes(std::span(rows)));
  const auto made = Coefficients::make(
      {.outputs = 2, .features = 3, .doubles = base::as_bytes(bytes).subspan(1)});
  EXPECT_EQ(made->of_feature(2)[1], rows[5]);
}

TEST(LinearTest, AddsTheInterceptLast) {
  const Row coefficients = {1, 1};
  const Buffer answer = run(Linear(Form::Dense, coefficients_of(1, 2, coefficients), {1e16}),
                            dense(2, {0.75, 0.75}), 1);
  EXPECT_EQ(answer.dense.values, Row{1e16 + 1.5});
}

TEST(ScaleTest, RoundsTheDifferenceAndTheQuotient) {
  const CenterScale step(2, {0.1, 1}, {3, 7});
  EXPECT_EQ(run(step, dense(2, {0.3, 1}), 1).dense.values, (Row{(0.3 - 0.1) / 3, 0}));
  EXPECT_EQ(run(CenterScale(1, {}, {}), dense(1, {5}), 1).dense.values, Row{5});
}

TEST(ScaleTest, MultipliesDenseAndSparseFeaturesAlike) {
  const Buffer rows = dense(3, {1, 0, 3});
  EXPECT_EQ(run(Multiply(Form::Dense, {2, 3, 4}), rows, 1).dense.values, (Row{2, 0, 12}));
  EXPECT_EQ(run(Multiply(Form::Sparse, {2, 3, 4}), sparse(rows.dense), 1).sparse.values,
            (Row{2, 12}));
  EXPECT_EQ(run(MultiplyAll(Form::Sparse, 3, -1), sparse(rows.dense), 1).sparse.values,
            (Row{-1, -3}));
}

TEST(ImputeTest, FillsWhatIsMissingAndDropsFeaturesWithoutAValue) {
  const ImputeNumbers step({}, {10, kNan, 30}, {0, 2});
  EXPECT_EQ(run(step, dense(3, {kNan, 5, kNan, 1, kNan, 3}), 2).dense.values, (Row{10, 30, 1, 3}));
  const ImputeNumbers marked({-1}, {10}, {0});
  EXPECT_EQ(run(marked, dense(1, {-1, 2}), 2).dense.values, (Row{10, 2}));
}

TEST(ImputeTest, SaysWhereFeaturesAreMissing) {
  EXPECT_EQ(run(Indicate({}, {2, 0}), dense(3, {kNan, kNan, 1}), 1).dense.values, (Row{0, 1}));
}

// One column of numbers and one of texts.
Buffer cells(const Row& numbers, const std::vector<std::string_view>& texts) {
  Buffer buffer;
  buffer.cells.rows = numbers.size();
  buffer.cells.columns.push_back({data::ColumnType::Number, numbers, {}});
  buffer.cells.columns.push_back({data::ColumnType::Text, {}, texts});
  return buffer;
}

TEST(ImputeTest, FillsCellsByTheirType) {
  const Row numbers = {kNan, 2};
  const std::vector<std::string_view> texts = {"?", data::kMissingText};
  const ImputeCells step({}, std::nullopt, {7.0, std::string("none")});
  const Buffer filled = run(step, cells(numbers, texts), 2);
  EXPECT_EQ(filled.cells.columns[0].numbers[0], 7);
  EXPECT_EQ(filled.cells.columns[1].texts[0], "?");
  EXPECT_EQ(filled.cells.columns[1].texts[1], "none");
  const ImputeCells marked({}, "?", {7.0, std::string("none")});
  const Buffer other = run(marked, cells(numbers, texts), 2);
  EXPECT_EQ(other.cells.columns[1].texts[0], "none");
  EXPECT_TRUE(data::is_missing(other.cells.columns[1].texts[1]));
}

TEST(CategoriesTest, FindsCodesAndCountsMissingAsOne) {
  Categories numbers = Categories::of_numbers({{2.5, 0}, {-1, 1}, {kNan, 2}});
  EXPECT_EQ(numbers.size(), 3U);
  EXPECT_EQ(numbers.find(2.5), 0);
  EXPECT_EQ(numbers.find(-1.0), 1);
  EXPECT_EQ(numbers.find(kNan), 2);
  EXPECT_EQ(numbers.find(0.0), std::nullopt);
  Categories texts = Categories::of_texts({{"a", 0}, {"", 1}});
  EXPECT_EQ(texts.find(std::string_view("")), 1);
  EXPECT_EQ(texts.find(data::kMissingText), std::nullopt);
  texts.set_missing(2);
  EXPECT_EQ(texts.find(data::kMissingText), 2);
  EXPECT_EQ(texts.size(), 3U);
}

TEST(EncodeTest, TurnsCategoriesIntoCodesAndUnknownOnesIntoNaN) {
  const Row numbers = {1, 2};
  const std::vector<std::string_view> texts = {"b", "z"};
  std::vector<std::optional<Categories>> columns(2);
  columns[1] = Categories::of_texts({{"a", 0}, {"b", 1}});
  const Buffer coded = run(Encode(std::move(columns)), cells(numbers, texts), 2);
  EXPECT_EQ(coded.dense.row(0)[0], 1);
  EXPECT_EQ(coded.dense.row(0)[1], 1);
  EXPECT_TRUE(std::isnan(coded.dense.row(1)[1]));
}

TEST(OneHotTest, LeavesUnknownOutOrPutsItWhereItBelongs) {
  const Row numbers = {9, 1};
  const std::vector<std::string_view> texts = {"z", "a"};
  std::vector<OneHot::Column> columns;
  columns.push_back({.categories = Categories::of_numbers({{1, 0}}), .unknown_refused = false});
  columns.push_back(
      {.categories = Categories::of_texts({{"a", 1}}), .unknown_refused = false, .unknown = 2});
  const Buffer hot = run(OneHot(std::move(columns), 3), cells(numbers, texts), 2);
  EXPECT_EQ(hot.sparse.starts, (std::vector<std::size_t>{0, 1, 3}));
  EXPECT_EQ(hot.sparse.indices, (std::vector<std::uint32_t>{2, 0, 1}));
}

}  // namespace
}  // namespace plan
