// Requests of many cells, of which a plan takes some rows after others.
#include "plan/plan.h"

#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "plan/builder.h"
#include "plan_preparation/scale.h"

namespace plan {
namespace {

// More than a window of two columns holds, and no multiple of it.
constexpr std::size_t kRows = 10'007;

std::vector<std::string> columns() { return {"size", "age"}; }

data::Frame make_frame(const Plan& plan) {
  data::Frame frame(plan.signature());
  frame.add_rows(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    frame.set_number(i, 0, i % 3 == 0 ? 0 : static_cast<double>(i));
    frame.set_number(i, 1, static_cast<double>(i) / 8);
  }
  return frame;
}

Plan halves() {
  Builder builder;
  const Port input = builder.declare(Builder::input(), columns());
  const auto port = builder.finite(input, 2, {});
  const Port halved =
      builder.add(std::make_shared<MultiplyAll>(Form::Dense, 2, 0.5), *port, Form::Dense, 2);
  return *std::move(builder).finish(halved, {});
}

TEST(PlanTest, JoinsTheWindowsOfManyDenseRows) {
  const Plan plan = halves();
  const data::Frame frame = make_frame(plan);
  Plan::Scratch scratch(plan);
  for (int turn = 0; turn < 2; ++turn) {
    const auto answer = plan.run(frame, scratch);
    ASSERT_TRUE(answer.ok());
    const Matrix& rows = (*answer)->dense;
    ASSERT_EQ(rows.rows, kRows);
    ASSERT_EQ(rows.values.size(), 2 * kRows);
    for (std::size_t i = 0; i < kRows; ++i) {
      ASSERT_EQ(rows.row(i)[0], frame.number(i, 0) / 2) << i;
      ASSERT_EQ(rows.row(i)[1], frame.number(i, 1) / 2) << i;
    }
  }
}

TEST(PlanTest, JoinsTheWindowsOfManySparseRows) {
  Builder builder;
  const auto sparse = builder.sparse(*builder.dense(Builder::input(), 2));
  ASSERT_TRUE(sparse.ok());
  const Plan plan = *std::move(builder).finish(*sparse, {});
  const data::Frame frame = make_frame(plan);
  Plan::Scratch scratch(plan);
  for (int turn = 0; turn < 2; ++turn) {
    const auto answer = plan.run(frame, scratch);
    ASSERT_TRUE(answer.ok());
    const SparseMatrix& rows = (*answer)->sparse;
    ASSERT_EQ(rows.rows, kRows);
    ASSERT_EQ(rows.starts.size(), kRows + 1);
    for (std::size_t i = 0; i < kRows; ++i) {
      std::vector<double> cells(2, 0);
      for (std::size_t k = 0; k < rows.row_values(i).size(); ++k) {
        cells.at(rows.row_indices(i)[k]) = rows.row_values(i)[k];
      }
      ASSERT_EQ(cells, (std::vector<double>{frame.number(i, 0), frame.number(i, 1)})) << i;
    }
  }
}

TEST(PlanTest, NamesARowOfALaterWindowAsTheRequestDoes) {
  const Plan plan = halves();
  data::Frame frame = make_frame(plan);
  frame.set_number(9'001, 1, std::nan(""));
  Plan::Scratch scratch(plan);
  const auto answer = plan.run(frame, scratch);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().message(),
            R"(row 9001, column "age": expected a finite number, got a missing value)");
}

// What the steps leave to each other is of a window, whatever the request's size.
TEST(PlanTest, KeepsLittleBetweenTheSteps) {
  const Plan plan = halves();
  const data::Frame frame = make_frame(plan);
  Plan::Scratch scratch(plan);
  ASSERT_TRUE(plan.run(frame, scratch).ok());
  for (std::size_t slot = 0; slot < plan.slots(); ++slot) {
    EXPECT_LE(scratch[slot].dense.values.capacity(), std::size_t{64} * 1024) << slot;
  }
}

}  // namespace
}  // namespace plan
