#include "plan_scores/few_outputs.h"

#include <cmath>
#include <cstddef>
#include <span>

#include <gtest/gtest.h>

#include "plan_scores/few_outputs_target.h"

namespace plan {
namespace {

Matrix wavy_rows(std::size_t rows, std::size_t columns, double step) {
  Matrix made;
  made.resize(rows, columns);
  for (std::size_t i = 0; i < made.values.size(); ++i) {
    made.values[i] = std::sin(static_cast<double>(i) * step + 1);
  }
  return made;
}

void expect_sums(const Matrix& rows, const Matrix& weights, const Matrix& scores) {
  for (std::size_t i = 0; i < rows.rows; ++i) {
    for (std::size_t k = 0; k < weights.rows; ++k) {
      double sum = 0;
      for (std::size_t f = 0; f < rows.columns; ++f) sum += rows.row(i)[f] * weights.row(k)[f];
      EXPECT_EQ(scores.row(i)[k], sum) << rows.rows << " x " << rows.columns << ' ' << weights.rows;
    }
  }
}

// Rows around those that are taken at once, and more features than are spread out at a time.
TEST(FewOutputsTest, SumsInTheOrderOfTheFeaturesOnEveryMachine) {
  const FewTargets targets = few_targets();
  for (const std::size_t features : {1U, 30U, 256U, 300U}) {
    for (std::size_t outputs = 1; outputs <= kFewOutputsMax; ++outputs) {
      const Matrix weights = wavy_rows(outputs, features, 0.37);
      const auto coefficients =
          Coefficients::make({.outputs = outputs,
                              .features = features,
                              .doubles = std::as_bytes(std::span(weights.values))});
      for (const std::size_t count : {0U, 1U, 3U, 4U, 8U, 9U, 13U}) {
        const Matrix rows = wavy_rows(count, features, 0.71);
        for (std::size_t t = 0; t < targets.count; ++t) {
          SCOPED_TRACE(t);
          Matrix scores;
          scores.resize(count, outputs);
          sum_few_outputs(targets.list[t], rows, *coefficients, scores);
          expect_sums(rows, weights, scores);
        }
        Matrix scores;
        scores.resize(count, outputs);
        sum_few_outputs(rows, *coefficients, scores);
        expect_sums(rows, weights, scores);
      }
    }
  }
}

}  // namespace
}  // namespace plan
