#include "plan/product.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "plan/product_target.h"

namespace plan {
namespace {

std::vector<double> wavy(std::size_t count, double step) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(static_cast<double>(i) * step + 1);
  return values;
}

// Sizes around registers, groups of them, and where many rows begin.
TEST(ProductTest, IsTheSumOfProductsOnEveryMachine) {
  const struct {
    std::size_t rows, inner, columns;
  } cases[] = {{1, 1, 1},   {1, 30, 1000}, {2, 7, 65},    {3, 31, 15},  {4, 30, 17},
               {5, 129, 1}, {17, 64, 33},  {33, 300, 40}, {100, 3, 200}};
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    for (const auto& [rows, inner, columns] : cases) {
      const auto a = wavy(rows * inner, 0.7);
      const auto b = wavy(inner * columns, 1.3);
      std::vector<double> out(rows * columns, std::nan(""));
      targets.list[t]->product({a.data(), rows, inner}, {b.data(), inner, columns}, out.data());
      for (std::size_t i = 0; i < rows * columns; ++i) {
        double expected = 0;
        for (std::size_t f = 0; f < inner; ++f) {
          expected += a[i / columns * inner + f] * b[f * columns + i % columns];
        }
        EXPECT_NEAR(out[i], expected, 1e-13 * static_cast<double>(inner)) << t << ' ' << i;
      }
    }
  }
}

TEST(ProductTest, OfNothingIsZero) {
  std::vector<double> out(12, 1);
  product({nullptr, 4, 0}, {nullptr, 0, 3}, out.data());
  EXPECT_EQ(out, std::vector<double>(12, 0));
  product({nullptr, 0, 2}, {out.data(), 2, 3}, nullptr);
}

TEST(SolveLowerTest, UndoesAProduct) {
  constexpr std::size_t kOrder = 37;
  constexpr std::size_t kColumns = 5;
  auto lower = wavy(kOrder * kOrder, 0.7);
  for (std::size_t i = 0; i < kOrder; ++i) {
    lower[i * kOrder + i] = 9;
    std::fill_n(lower.begin() + static_cast<std::ptrdiff_t>(i * kOrder + i + 1), kOrder - i - 1,
                0.0);
  }
  const auto expected = wavy(kOrder * kColumns, 1.3);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> right(kOrder * kColumns);
    const DenseView view{lower.data(), kOrder, kOrder};
    targets.list[t]->product(view, {expected.data(), kOrder, kColumns}, right.data());
    targets.list[t]->solve_lower(view, right.data(), kColumns);
    for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(right[i], expected[i], 1e-12);
  }
}

TEST(DotTest, SumsProductsOnEveryMachine) {
  const auto a = wavy(131, 0.3);
  const auto b = wavy(131, 0.9);
  const ProductTargets targets = product_targets();
  for (std::size_t count = 0; count <= a.size(); ++count) {
    double expected = 0;
    for (std::size_t i = 0; i < count; ++i) expected += a[i] * b[i];
    for (std::size_t t = 0; t < targets.count; ++t) {
      EXPECT_NEAR(targets.list[t]->dot(a.data(), b.data(), count), expected, 1e-13);
    }
  }
}

TEST(TileSumsTest, SumOverFeaturesOnEveryMachine) {
  constexpr std::size_t kFeatures = 7;
  const auto row = wavy(kFeatures, 2.1);
  const auto values = wavy(2 * kFeatures * kTileRows, 0.37);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    for (const TileSum kind :
         {TileSum::Product, TileSum::Squared, TileSum::Absolute, TileSum::Largest}) {
      std::vector<double> out(2 * kTileRows);
      targets.list[t]->tile_sums(kind, row.data(), {values.data(), 2, kFeatures}, out.data());
      for (std::size_t i = 0; i < out.size(); ++i) {
        double expected = 0;
        for (std::size_t f = 0; f < kFeatures; ++f) {
          const double x = row[f];
          const double y =
              values[i / kTileRows * kFeatures * kTileRows + f * kTileRows + i % kTileRows];
          if (kind == TileSum::Product) expected += x * y;
          if (kind == TileSum::Squared) expected += (x - y) * (x - y);
          if (kind == TileSum::Absolute) expected += std::abs(x - y);
          if (kind == TileSum::Largest) expected = std::max(expected, std::abs(x - y));
        }
        EXPECT_NEAR(out[i], expected, 1e-14) << t << ' ' << i;
      }
    }
  }
}

TEST(ExpEachTest, IsTheExponentialOnEveryMachine) {
  std::vector<double> from;
  for (int i = -2100; i <= 2100; ++i) from.push_back(i / 3.0);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> to = from;
    targets.list[t]->exp_each(to.data(), to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_NEAR(to[i], std::exp(from[i]), 5e-16 * std::exp(from[i])) << t << ' ' << from[i];
    }
    const double infinite = std::numeric_limits<double>::infinity();
    std::vector<double> ends = {-1e300, -infinite, 0, -0.0, 710, infinite, -740, std::nan("")};
    targets.list[t]->exp_each(ends.data(), ends.size());
    EXPECT_EQ((std::vector<double>(ends.begin(), ends.end() - 1)),
              (std::vector<double>{0, 0, 1, 1, infinite, infinite, std::exp(-740.0)}));
    EXPECT_TRUE(std::isnan(ends.back()));
  }
}

TEST(ExpitAndTanhTest, AreWithinFourUnitsOnEveryMachine) {
  std::vector<double> from = {0, -0.0, 1e-300, 0.2, -0.2, 1e300, -1e300};
  for (int i = -1000; i <= 1000; ++i) {
    from.push_back(i / 40.0);
    from.push_back(i * 1e-12);
    from.push_back(i / 2500.0);
  }
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> expit = from;
    std::vector<double> tanh = from;
    targets.list[t]->expit_each(expit.data(), expit.size());
    targets.list[t]->tanh_each(tanh.data(), tanh.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      const double p = 1 / (1 + std::exp(-from[i]));
      EXPECT_NEAR(expit[i], p, 9e-16 * p + 1e-307) << t << ' ' << from[i];
      const double h = std::tanh(from[i]);
      EXPECT_NEAR(tanh[i], h, 9e-16 * std::abs(h)) << t << ' ' << from[i];
    }
  }
}

}  // namespace
}  // namespace plan
