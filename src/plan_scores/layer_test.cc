#include "plan_scores/layer.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"

namespace plan {
namespace {

// Rows and units around the widths in which the work is done.
TEST(LayerTest, IsTheProductTheBiasAndTheFunction) {
  for (const std::size_t rows : {1U, 3U, 9U}) {
    for (const std::size_t units : {1U, 5U, 67U}) {
      const std::size_t features = 7;
      std::vector<double> weights, bias, values;
      for (std::size_t i = 0; i < features * units; ++i)
        weights.push_back(std::sin(static_cast<double>(i)));
      for (std::size_t i = 0; i < units; ++i)
        bias.push_back(std::cos(2.0 * static_cast<double>(i)));
      for (std::size_t i = 0; i < rows * features; ++i)
        values.push_back(std::sin(0.3 * static_cast<double>(i)));
      const auto shared = Coefficients::make({.outputs = units,
                                              .features = features,
                                              .doubles = std::as_bytes(std::span(weights)),
                                              .column_major = true});
      const auto relu = test_run::answer(Layer(shared, bias, Function::Relu), features, values);
      const auto tanh = test_run::answer(Layer(shared, bias, Function::Tanh), features, values);
      const auto plain = test_run::answer(Layer(shared, bias, {}), features, values);
      ASSERT_EQ(relu.size(), rows * units);
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t k = 0; k < units; ++k) {
          double sum = bias[k];
          for (std::size_t f = 0; f < features; ++f) {
            sum += values[i * features + f] * weights[f * units + k];
          }
          EXPECT_NEAR(plain[i * units + k], sum, 1e-14);
          EXPECT_NEAR(relu[i * units + k], std::max(sum, 0.0), 1e-14);
          EXPECT_NEAR(tanh[i * units + k], std::tanh(sum), 1e-14);
        }
      }
    }
  }
}

}  // namespace
}  // namespace plan
