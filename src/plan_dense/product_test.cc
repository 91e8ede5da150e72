#include "plan_dense/product.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "plan_dense/product_target.h"

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

// Orders and columns around those that are solved at once.
TEST(SolveLowerTest, UndoesAProductOnEveryMachine) {
  const ProductTargets targets = product_targets();
  for (const std::size_t order : {1U, 4U, 37U}) {
    auto lower = wavy(order * order, 0.7);
    std::vector<double> packed;
    for (std::size_t i = 0; i < order; ++i) {
      lower[i * order + i] = 9;
      for (std::size_t j = 0; j < order; ++j) {
        if (j <= i) packed.push_back(lower[i * order + j]);
        if (j > i) lower[i * order + j] = 0;
      }
    }
    for (const std::size_t columns : {1U, 2U, 8U, 43U}) {
      const auto expected = wavy(order * columns, 1.3);
      for (std::size_t t = 0; t < targets.count; ++t) {
        std::vector<double> right(order * columns);
        targets.list[t]->product({lower.data(), order, order}, {expected.data(), order, columns},
                                 right.data());
        targets.list[t]->solve_lower({packed.data(), order}, right.data(), columns);
        for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(right[i], expected[i], 1e-12);
      }
    }
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
      targets.list[t]->tile_sums(kind, {row.data(), 1}, {values.data(), 2, kFeatures}, out.data());
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

// Several rows have the bits of each by itself.
TEST(TileSumsTest, AreTheSameOfRowsTogether) {
  constexpr std::size_t kFeatures = 5;
  constexpr std::size_t kCount = 5;
  const auto rows = wavy(kCount * kFeatures, 1.1);
  const auto values = wavy(3 * kFeatures * kTileRows, 0.37);
  const Tiles tiles{values.data(), 3, kFeatures};
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> together(kCount * 3 * kTileRows);
    targets.list[t]->tile_sums(TileSum::Squared, {rows.data(), kCount}, tiles, together.data());
    std::vector<double> alone(together.size());
    for (std::size_t r = 0; r < kCount; ++r) {
      targets.list[t]->tile_sums(TileSum::Squared, {rows.data() + r * kFeatures, 1}, tiles,
                                 alone.data() + r * 3 * kTileRows);
    }
    EXPECT_EQ(together, alone);
  }
}

TEST(FindBelowTest, FindsTheFirst) {
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> values(100, 1);
    const auto find = [&](double limit) {
      return targets.list[t]->find_below(values.data(), values.size(), limit);
    };
    EXPECT_EQ(find(1), 100U);
    values[98] = 0.5;
    EXPECT_EQ(find(1), 98U);
    values[40] = std::nan("");
    values[72] = 0.25;
    EXPECT_EQ(find(1), 72U);
    EXPECT_EQ(find(0.25), 100U);
    EXPECT_EQ(targets.list[t]->find_below(values.data(), 0, 1), 0U);
  }
}

TEST(AllWithinTest, LooksAtEach) {
  const double none = std::nan("");
  const double most = std::numeric_limits<double>::max();
  const double infinite = std::numeric_limits<double>::infinity();
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    for (std::size_t at = 0; at < 37; ++at) {
      std::vector<double> values(37, -2);
      const auto within = [&](double put, double limit, bool nan) {
        values[at] = put;
        return targets.list[t]->all_within(values.data(), values.size(), limit, nan);
      };
      EXPECT_TRUE(within(most, most, false));
      EXPECT_TRUE(within(-2, 2, false));
      EXPECT_FALSE(within(-3, 2, true));
      EXPECT_FALSE(within(3, 2, false));
      EXPECT_FALSE(within(infinite, most, true));
      EXPECT_FALSE(within(-infinite, most, false));
      EXPECT_FALSE(within(none, most, false));
      EXPECT_FALSE(within(none, 1, true));
#if defined(__x86_64__)
      EXPECT_TRUE(within(none, most, true));
#endif
    }
    EXPECT_TRUE(targets.list[t]->all_within(nullptr, 0, 1, false));
  }
}

TEST(CenterAndScaleTest, RoundsEachOperation) {
  const auto from = wavy(3 * 21, 0.7);
  const auto center = wavy(21, 0.3);
  const auto scale = wavy(21, 1.9);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> to(from.size());
    targets.list[t]->center_and_scale({center.data(), scale.data(), 21}, from.data(), 3, to.data());
    for (std::size_t i = 0; i < to.size(); ++i) {
      EXPECT_EQ(to[i], (from[i] - center[i % 21]) / scale[i % 21]);
    }
    targets.list[t]->center_and_scale({nullptr, scale.data(), 21}, from.data(), 3, to.data());
    for (std::size_t i = 0; i < to.size(); ++i) EXPECT_EQ(to[i], from[i] / scale[i % 21]);
    targets.list[t]->center_and_scale({nullptr, nullptr, 21}, from.data(), 3, to.data());
    EXPECT_EQ(to, from);
  }
}

TEST(JoinEachTest, RoundsEachOperation) {
  const auto from = wavy(21, 0.7);
  const auto others = wavy(21, 1.9);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    const ProductTarget& target = *targets.list[t];
    std::vector<double> centred(21);
    target.center_row({others.data(), 21, 0.3, 0.7}, from.data(), centred.data());
    std::vector<double> scaled = from;
    target.scale_each(scaled.data(), 21, 1.1, 0.3);
    std::vector<double> sum = from;
    target.add_each(sum.data(), others.data(), 21);
    std::vector<double> product = from;
    target.multiply_each(product.data(), others.data(), 21);
    std::vector<double> distances = from;
    target.distance_each(distances.data(), others.data(), 0.3, 21);
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(centred[i], from[i] - others[i] - 0.3 + 0.7);
      EXPECT_EQ(scaled[i], from[i] * 1.1 + 0.3);
      EXPECT_EQ(sum[i], from[i] + others[i]);
      EXPECT_EQ(product[i], from[i] * others[i]);
      EXPECT_EQ(distances[i], std::max(0.0, -2 * from[i] + 0.3 + others[i]));
    }
  }
}

using Real = long double;

// How many units in the last place of the right answer lie between both.
double units(double got, Real expected) {
  const auto rounded = static_cast<double>(expected);
  if (got == rounded || (std::isnan(got) && std::isnan(rounded))) return 0;
  if (!std::isfinite(got) || !std::isfinite(rounded)) return INFINITY;
  int exponent = 0;
  std::frexp(rounded, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 53, -1074));
  return static_cast<double>(std::abs(static_cast<Real>(got) - expected) / unit);
}

struct Elementary {
  const char* name;
  void (*ProductTarget::*each)(double* values, std::size_t count);
  Real (*real)(Real x);
  double units_max;
};

constexpr Elementary kElementary[] = {
    {"exp", &ProductTarget::exp_each, [](Real x) { return std::exp(x); }, 1.1},
    {"expit", &ProductTarget::expit_each, [](Real x) { return 1 / (1 + std::exp(-x)); }, 3},
    {"tanh", &ProductTarget::tanh_each, [](Real x) { return std::tanh(x); }, 3}};

TEST(LogCosineSineAndRootTest, AreRightOnEveryMachine) {
  std::vector<double> from = {1, 0, -0.0, -1, std::nan(""), INFINITY, -INFINITY, 5e-324, 1e308};
  for (double size = 1e-310; size < 1e308; size *= 1.9) from.push_back(size);
  for (int i = 1; i < 4000; ++i)
    from.insert(from.end(), {i / 1999.0, i * 0.77, 1e6 + i, -i / 3.0, i / -4000.0, i * 1e-9});
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> exact = from;
    targets.list[t]->root_each(exact.data(), exact.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(exact[i], std::sqrt(std::max(0.0, from[i])));
    }
    std::vector<double> logs = from;
    std::vector<double> cosines = from;
    std::vector<double> sines = from;
    targets.list[t]->log_each(logs.data(), logs.size());
    targets.list[t]->cosine_each(cosines.data(), cosines.size());
    targets.list[t]->sine_each(sines.data(), sines.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_LE(units(logs[i], std::log(static_cast<Real>(from[i]))), 1.1) << from[i];
      const double cosine = std::cos(from[i]);
      if (std::isnan(cosine)) {
        EXPECT_TRUE(std::isnan(cosines[i]) && std::isnan(sines[i]));
      } else {
        EXPECT_NEAR(cosines[i], cosine, 3e-16) << t << ' ' << from[i];
        EXPECT_NEAR(sines[i], std::sin(from[i]), 3e-16) << t << ' ' << from[i];
      }
      double alone = from[i];
      targets.list[t]->log_each(&alone, 1);
      EXPECT_TRUE(alone == logs[i] || std::isnan(alone));
    }
    std::vector<double> logs_above = from;
    std::vector<double> grown = from;
    targets.list[t]->log1p_each(logs_above.data(), from.size());
    targets.list[t]->expm1_each(grown.data(), from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_LE(units(logs_above[i], std::log1p(static_cast<Real>(from[i]))), 3) << from[i];
      EXPECT_LE(units(grown[i], std::expm1(static_cast<Real>(from[i]))), 3) << from[i];
    }
    std::vector<double> roots = {4, -1, std::nan(""), INFINITY, 0, 2, 9, 16, 25};
    targets.list[t]->root_each(roots.data(), roots.size());
    EXPECT_EQ(roots, (std::vector<double>{2, 0, 0, INFINITY, 0, std::sqrt(2.0), 3, 4, 5}));
  }
}

// Of both signs: every size from the smallest to the largest, and what lies where the answers do.
std::vector<double> of_every_size() {
  std::vector<double> values;
  for (double size = 5e-324; size < 1e308; size *= 1.7) values.insert(values.end(), {size, -size});
  for (int i = -30'000; i <= 30'000; ++i) values.insert(values.end(), {i / 40.0, i / 1571.0});
  return values;
}

TEST(ElementaryTest, IsRightInAllButTheLastBitsOnEveryMachine) {
  const std::vector<double> from = of_every_size();
  const ProductTargets targets = product_targets();
  for (const Elementary& function : kElementary) {
    for (std::size_t t = 0; t < targets.count; ++t) {
      std::vector<double> to = from;
      (targets.list[t]->*function.each)(to.data(), to.size());
      for (std::size_t i = 0; i < from.size(); ++i) {
        const Real expected = function.real(static_cast<Real>(from[i]));
        // Of 1 / (1 + exp(709)) nothing but that it is small.
        if (expected < 1e-307L && expected > 0 && function.units_max == 3 && from[i] < 0) {
          EXPECT_LT(std::abs(to[i]), 1e-307) << function.name;
          continue;
        }
        ASSERT_LE(units(to[i], expected), function.units_max)
            << function.name << ' ' << t << ' ' << from[i];
      }
    }
  }
}

TEST(ElementaryTest, KnowsTheEnds) {
  const double infinite = std::numeric_limits<double>::infinity();
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    // One more than a register holds, so that both ways of computing see them.
    std::vector<double> exp = {-1e300, -infinite, 0, -0.0, 710, infinite, -740, -746, -infinite};
    targets.list[t]->exp_each(exp.data(), exp.size());
    EXPECT_EQ(exp, (std::vector<double>{0, 0, 1, 1, infinite, infinite, std::exp(-740.0), 0, 0}));
    std::vector<double> tanh = {infinite, -infinite, 0, -0.0, 1e-310, -5e-324, 1e300, 30, -30};
    targets.list[t]->tanh_each(tanh.data(), tanh.size());
    EXPECT_EQ(tanh, (std::vector<double>{1, -1, 0, 0, 1e-310, -5e-324, 1, 1, -1}));
    EXPECT_TRUE(std::signbit(tanh[3]));
    std::vector<double> expit = {infinite, -infinite, 0, -0.0, 5e-324, 1e300, -1e300, 40, 0};
    targets.list[t]->expit_each(expit.data(), expit.size());
    EXPECT_EQ(expit, (std::vector<double>{1, 0, 0.5, 0.5, 0.5, 1, 0, 1, 0.5}));
    for (const Elementary& function : kElementary) {
      std::vector<double> none(9, std::nan(""));
      (targets.list[t]->*function.each)(none.data(), none.size());
      for (const double each : none) EXPECT_TRUE(std::isnan(each)) << function.name;
    }
  }
}

// A value has the bits that it has among others.
TEST(ElementaryTest, DoesNotDependOnWhatStandsBeside) {
  const auto from = wavy(67, 0.77);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    for (const Elementary& function : kElementary) {
      std::vector<double> to = from;
      (targets.list[t]->*function.each)(to.data(), to.size());
      for (std::size_t i = 0; i < from.size(); ++i) {
        double alone = from[i];
        (targets.list[t]->*function.each)(&alone, 1);
        EXPECT_EQ(alone, to[i]) << function.name << ' ' << i;
      }
    }
  }
}

Real finished(const SumFunction& function, Real s) {
  using Kind = SumFunction::Kind;
  const Real scale = function.scale;
  const Real d = scale * std::sqrt(s);
  switch (function.kind) {
    case Kind::Same: return s;
    case Kind::Exp: return std::exp(scale * s);
    case Kind::Tanh: return std::tanh(scale * s + static_cast<Real>(function.shift));
    case Kind::Power:
      return std::pow(scale * s + static_cast<Real>(function.shift),
                      static_cast<Real>(function.exponent));
    case Kind::Matern12: return std::exp(-d);
    case Kind::Matern32: return (1 + d) * std::exp(-d);
    case Kind::Matern52: return (1 + d + d * d / 3) * std::exp(-d);
    case Kind::SineSquared: {
      const Real sine = std::sin(d) / static_cast<Real>(function.shift);
      return std::exp(-2 * sine * sine);
    }
  }
  return 0;
}

TEST(FinishSumsTest, IsTheFunctionOfItsNameOnEveryMachine) {
  using Kind = SumFunction::Kind;
  const SumFunction functions[] = {{.kind = Kind::Same},
                                   {.kind = Kind::Exp, .scale = -0.25},
                                   {.kind = Kind::Tanh, .scale = 0.01, .shift = -0.5},
                                   {.kind = Kind::Power, .scale = 0.5, .shift = -3, .exponent = 3},
                                   {.kind = Kind::Power, .scale = 0.5, .shift = 1, .exponent = 0},
                                   {.kind = Kind::Power, .scale = 0.5, .shift = 1, .exponent = -1},
                                   {.kind = Kind::Power, .scale = 2, .shift = 1, .exponent = -0.7},
                                   {.kind = Kind::Power, .scale = 2, .shift = 0, .exponent = 65.5},
                                   {.kind = Kind::Matern12, .scale = 1},
                                   {.kind = Kind::Matern32, .scale = 1.7320508075688772},
                                   {.kind = Kind::Matern52, .scale = 2.23606797749979},
                                   {.kind = Kind::SineSquared, .scale = 3.1, .shift = 0.7},
                                   {.kind = Kind::SineSquared, .scale = 1e7, .shift = 0.7}};
  std::vector<double> from = {0, 1e-300};
  for (int i = 1; i < 900; ++i) from.push_back(i / 7.0);
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    for (const SumFunction& function : functions) {
      std::vector<double> to = from;
      targets.list[t]->finish_sums(function, to.data(), to.size());
      for (std::size_t i = 0; i < from.size(); ++i) {
        const auto expected = static_cast<double>(finished(function, static_cast<Real>(from[i])));
        // Arguments that are themselves rounded may be large.
        const double loss = function.scale == 1e7 ? 1e-6 : 2e-13;
        EXPECT_NEAR(to[i], expected, loss * std::abs(expected) + 1e-14)
            << t << ' ' << static_cast<int>(function.kind) << ' ' << from[i];
      }
    }
  }
}

// A kernel is its sum and then its function, in every bit, of however many rows.
TEST(TileKernelsTest, AreTheFunctionsOfTheSumsOnEveryMachine) {
  using Kind = SumFunction::Kind;
  constexpr std::size_t kFeatures = 5;
  constexpr std::size_t kSumsOfRow = 3 * kTileRows;
  const auto rows = wavy(3 * kFeatures, 1.1);
  const auto values = wavy(kSumsOfRow * kFeatures, 0.37);
  const Tiles tiles{values.data(), 3, kFeatures};
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    const ProductTarget& target = *targets.list[t];
    for (const TileSum sum :
         {TileSum::Product, TileSum::Squared, TileSum::Absolute, TileSum::Largest}) {
      for (const Kind kind : {Kind::Same, Kind::Exp, Kind::Tanh, Kind::Power, Kind::Matern12,
                              Kind::Matern32, Kind::Matern52, Kind::SineSquared}) {
        const SumFunction function{.kind = kind, .scale = 0.3, .shift = 9, .exponent = -0.7};
        std::vector<double> expected(3 * kSumsOfRow);
        target.tile_sums(sum, {rows.data(), 3}, tiles, expected.data());
        target.finish_sums(function, expected.data(), expected.size());
        std::vector<double> together(expected.size());
        target.tile_kernels({sum, function}, {rows.data(), 3}, tiles, together.data());
        std::vector<double> alone(expected.size());
        for (std::size_t r = 0; r < 3; ++r) {
          target.tile_kernels({sum, function}, {rows.data() + r * kFeatures, 1}, tiles,
                              alone.data() + r * kSumsOfRow);
        }
        // No number (a Matern of a product below 0) is what it is, too.
        for (std::size_t i = 0; i < expected.size(); ++i) {
          if (!std::isnan(expected[i])) continue;
          EXPECT_TRUE(std::isnan(together[i]) && std::isnan(alone[i]));
          expected[i] = together[i] = alone[i] = -1;
        }
        EXPECT_EQ(together, expected) << t << ' ' << static_cast<int>(kind);
        EXPECT_EQ(alone, expected) << t << ' ' << static_cast<int>(kind);
      }
    }
  }
}

// What is no number above 0 has no logarithm, and is left to the library.
TEST(FinishSumsTest, TakesThePowerOfWhatIsNotPositive) {
  const double infinite = std::numeric_limits<double>::infinity();
  const ProductTargets targets = product_targets();
  for (std::size_t t = 0; t < targets.count; ++t) {
    std::vector<double> roots = {4, 0, -1, infinite, 1e-310};
    targets.list[t]->finish_sums({.kind = SumFunction::Kind::Power, .exponent = 0.5}, roots.data(),
                                 roots.size());
    EXPECT_EQ(roots[0], 2);
    EXPECT_EQ(roots[1], 0);
    EXPECT_TRUE(std::isnan(roots[2]));
    EXPECT_EQ(roots[3], infinite);
    EXPECT_EQ(roots[4], std::sqrt(1e-310));
  }
}

}  // namespace
}  // namespace plan
