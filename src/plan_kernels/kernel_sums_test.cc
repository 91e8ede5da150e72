#include "plan_kernels/kernel_sums.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"
#include "plan_kernels/one_vs_one.h"
#include "plan_kernels/process_kernel.h"
#include "plan_kernels/process_sums.h"
#include "plan_kernels/row_kernel.h"
#include "plan_scores/factorize.h"
#include "plan_scores/topics.h"

namespace plan {
namespace {

using Row = std::vector<double>;

const Matrix kTwoRows{2, 2, {1, 2, 0, -1}};

Row kernel_of(const KernelOptions& options, Row x) {
  return test_run::answer(KernelValues(make_row_kernel(options, kTwoRows)), 2, std::move(x));
}

void expect_near(const Row& got, const Row& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], 1e-14 * std::max(1.0, std::abs(expected[i]))) << i;
  }
}

TEST(RowKernelTest, IsTheKernelOfItsName) {
  const Row x = {3, 1};
  expect_near(kernel_of({.kind = KernelKind::Linear}, x), {5, -1});
  expect_near(kernel_of({.kind = KernelKind::Polynomial, .gamma = 2, .coef0 = 1, .degree = 3}, x),
              {1331, -1});
  expect_near(kernel_of({.kind = KernelKind::Rbf, .gamma = 0.1}, x),
              {std::exp(-0.5), std::exp(-1.3)});
  expect_near(kernel_of({.kind = KernelKind::Laplacian, .gamma = 0.1}, x),
              {std::exp(-0.3), std::exp(-0.5)});
  expect_near(kernel_of({.kind = KernelKind::Sigmoid, .gamma = 0.1, .coef0 = 0.5}, x),
              {std::tanh(1.0), std::tanh(0.4)});
  expect_near(kernel_of({.kind = KernelKind::Cosine}, x),
              {5 / std::sqrt(50.0), -1 / std::sqrt(10.0)});
}

// A sparse row is as the dense one, also where it is a stored one.
TEST(RowKernelTest, IsTheSameOfSparseRows) {
  SparseMatrix rows;
  rows.clear(3);
  rows.push(0, 1);
  rows.push(2, 1e6);
  rows.end_row();
  rows.push(1, -2);
  rows.end_row();
  const Matrix dense{2, 3, {1, 0, 1e6, 0, -2, 0}};
  Buffer asked;
  asked.sparse = rows;
  asked.dense = dense;
  for (const KernelKind kind : {KernelKind::Linear, KernelKind::Rbf, KernelKind::SquaredDistance,
                                KernelKind::Manhattan, KernelKind::Laplacian, KernelKind::Cosine}) {
    const auto sparse_kernel = make_sparse_kernel({.kind = kind, .gamma = 1e-3}, rows);
    const auto dense_kernel = make_row_kernel({.kind = kind, .gamma = 1e-3}, dense);
    Row scratch(sparse_kernel->scratch());
    for (std::size_t i = 0; i < 2; ++i) {
      Row one(sparse_kernel->room());
      Row other(dense_kernel->room());
      sparse_kernel->values(asked, i, scratch.data(), one.data());
      dense_kernel->values(asked, i, nullptr, other.data());
      for (std::size_t k = 0; k < 2; ++k) {
        EXPECT_NEAR(one[k], other[k], 1e-12 * std::abs(other[k])) << i << ' ' << k;
      }
    }
  }
}

// Large numbers that both rows have leave nothing behind, in whichever order the entries are.
TEST(RowKernelTest, AddsUpAbsoluteDifferencesOfSparseRowsAlone) {
  SparseMatrix rows;
  rows.clear(4);
  for (const auto& [column, value] : {std::pair{3, 1e17}, {0, 0.25}, {3, 1e17}, {2, -0.5}}) {
    rows.push(static_cast<std::size_t>(column), value);
  }
  rows.end_row();
  const auto kernel = make_sparse_kernel({.kind = KernelKind::Manhattan}, rows);
  Row scratch(kernel->scratch());
  Buffer asked;
  asked.sparse.clear(4);
  for (const std::size_t column : {1U, 2U, 3U})
    asked.sparse.push(column, column < 3 ? 0.125 : 2e17);
  asked.sparse.end_row();
  for (const std::size_t column : {3U, 2U, 1U})
    asked.sparse.push(column, column < 3 ? 0.125 : 2e17);
  asked.sparse.end_row();
  for (std::size_t i = 0; i < 2; ++i) {
    Row got(kernel->room());
    kernel->values(asked, i, scratch.data(), got.data());
    EXPECT_EQ(got, Row{1}) << i;
    EXPECT_EQ(scratch, Row(4)) << i;
  }
}

TEST(KernelSumsTest, WeighsStoredRows) {
  const auto sums = KernelSums::over_all(make_row_kernel({.kind = KernelKind::Linear}, kTwoRows),
                                         {2, 1, 0, 10}, {0.5, 1});
  EXPECT_EQ(test_run::answer(*sums, 2, {3, 1}), (Row{9.5, -9}));
}

TEST(OneVsOneTest, VotesAndBreaksTies) {
  // Each class wins once: the first of equals, or the one with most confidence.
  const Row decisions = {1, -2, 0.5};
  EXPECT_EQ(test_run::answer(OneVsOne(PairAnswer::Vote, 3), 3, decisions), Row{0});
  const Row scores = test_run::answer(OneVsOne(PairAnswer::OneVsRest, 3), 3, decisions);
  expect_near(scores, {1 - 1.0 / 6, 1 - 0.5 / 4.5, 1 + 1.5 / 7.5});
}

TEST(OneVsOneTest, CouplesProbabilities) {
  const OneVsOne two(PairAnswer::Probabilities, 2, {-1}, {0});
  const Row shares = test_run::answer(two, 1, {0.7});
  EXPECT_NEAR(shares[0] + shares[1], 1, 1e-12);
  EXPECT_NEAR(shares[0], 1 / (1 + std::exp(-0.7)), 0.01);
}

TEST(ProcessKernelTest, AddsAndMultiplies) {
  const auto rbf =
      make_stationary_kernel({.kind = Stationary::Kind::Rbf, .length_scale = {2, 1}}, kTwoRows);
  const auto kernel = make_kernel_sum(make_kernel_product(make_constant_kernel(3, 2, false), rbf),
                                      make_constant_kernel(0.5, 2, true));
  const Row got = test_run::answer(KernelValues(kernel), 2, {3, 1});
  expect_near(got, {3 * std::exp(-1.0), 3 * std::exp(-0.5 * (2.25 + 4))});
  const Row x = {3, 1};
  EXPECT_EQ(kernel->own(x.data()), 3.5);
}

// What is linear of a sum is summed when it is made, and nothing else is.
TEST(ProcessSumsTest, AreThoseOfTheKernel) {
  const auto rbf = make_stationary_kernel({.length_scale = {2, 1}}, kTwoRows);
  const auto dot = make_dot_product_kernel(2, kTwoRows);
  const auto three = make_constant_kernel(3, 2, false);
  const auto noise = make_constant_kernel(0.5, 2, true);
  const ProcessKernelPtr kernels[] = {
      make_kernel_sum(make_kernel_product(three, rbf), dot),
      make_kernel_sum(make_kernel_sum(make_kernel_product(dot, three), noise), rbf),
      make_kernel_sum(make_kernel_sum(dot, three), make_kernel_sum(rbf, rbf)),
      make_kernel_sum(make_kernel_product(dot, rbf), make_kernel_sum(dot, dot)),
      make_kernel_sum(three, make_kernel_power(dot, 2)),
      make_kernel_product(make_kernel_sum(rbf, dot), three),
      make_kernel_sum(dot, noise),
      dot,
      rbf};
  const Row weights = {2, 1, 0.25, -10};
  const Row biases = {0.5, 1};
  for (const ProcessKernelPtr& kernel : kernels) {
    const auto expected = KernelSums::over_all(kernel, weights, biases);
    expect_near(test_run::answer(*make_process_sums(kernel, weights, biases), 2, {3, 1, -1, 2}),
                test_run::answer(*expected, 2, {3, 1, -1, 2}));
  }
  // Rows that are stored for x . y are not read.
  EXPECT_EQ(make_process_sums(kernels[0], weights, biases)->row_ns(),
            KernelSums::over_all(make_kernel_product(three, rbf), weights, biases)->row_ns());
}

TEST(FactorizeTest, FindsTheWeightsOfAProduct) {
  const Matrix components{2, 3, {1, 0, 2, 0, 1, 1}};
  for (const auto solver : {Factorize::Solver::CoordinateDescent, Factorize::Solver::Multiplicative,
                            Factorize::Solver::Online}) {
    const Factorize step(components, {.solver = solver, .rounds = 2000, .tolerance = 1e-12});
    const Row got = test_run::answer(step, 3, {2, 3, 7, 1, 1, 3});
    EXPECT_NEAR(got[0], 2, 1e-4);
    EXPECT_NEAR(got[1], 3, 1e-4);
    EXPECT_NEAR(got[3], 1, 1e-4);
  }
  EXPECT_EQ(test_run::refusal(Factorize(components, {}), 3, {1, 1, 1, 0, -1, 0}),
            "row 1: expected no negative feature, got -1");
}

TEST(TopicsTest, SharesOutWords) {
  const Matrix words{2, 2, {0.9, 0.1, 0.1, 0.9}};
  const Topics step(Form::Dense, words, {.prior = 0.5});
  const Row got = test_run::answer(step, 2, {10, 0, 0, 0});
  EXPECT_GT(got[0], 0.9);
  EXPECT_NEAR(got[0] + got[1], 1, 1e-15);
  EXPECT_EQ(got[2], 0.5);
  EXPECT_EQ(test_run::refusal(step, 2, {0, -1}), "row 0: expected no negative count, got -1");
}

}  // namespace
}  // namespace plan
