// The code of product.h, included by one source file for each kind of machine, which is compiled
// for it. That file has said another name for Eigen (`#define Eigen ...`): a linker keeps one of
// several inline functions of one name, so code for different machines may not share any. For the
// same reason nothing of the standard library is instantiated here, and everything else is in an
// anonymous namespace.
#include <cmath>
#include <cstddef>

#if defined(__GNUC__) && !defined(__clang__)
// The compiler's own headers say so of values that it means to be undefined.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#define EIGEN_MPL2_ONLY
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_NO_IO
#include <Eigen/Core>

#include "plan/product_target.h"

namespace plan {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const RowMajor>;
using Lanes = Eigen::internal::packet_traits<double>::type;
using Eigen::internal::pabs;
using Eigen::internal::padd;
using Eigen::internal::ploadu;
using Eigen::internal::pmadd;
using Eigen::internal::pmax;
using Eigen::internal::pset1;
using Eigen::internal::pstoreu;
using Eigen::internal::psub;

constexpr std::size_t kWidth = Eigen::internal::packet_traits<double>::size;
// Registers of sums at once, so that none waits for the one before.
constexpr std::size_t kSums = 8;
// From this many rows on, what it costs Eigen to copy blocks is earned back.
constexpr std::size_t kManyRows = 4;

#if defined(__clang__)
#define SOOTH_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define SOOTH_UNROLLED _Pragma("GCC unroll 8")
#endif

// The sums of some neighbouring columns of one row, in registers for all of the row.
template <std::size_t kCount>
inline __attribute__((always_inline)) void sum_columns(const double* row, const DenseView& b,
                                                       std::size_t column, double* out) {
  Lanes sums[kCount];
  SOOTH_UNROLLED
  for (std::size_t k = 0; k < kCount; ++k) sums[k] = pset1<Lanes>(0);
  const double* from = b.values + column;
  for (std::size_t f = 0; f < b.rows; ++f, from += b.columns) {
    const Lanes factor = pset1<Lanes>(row[f]);
    SOOTH_UNROLLED
    for (std::size_t k = 0; k < kCount; ++k) {
      sums[k] = pmadd(factor, ploadu<Lanes>(from + k * kWidth), sums[k]);
    }
  }
  SOOTH_UNROLLED
  for (std::size_t k = 0; k < kCount; ++k) pstoreu(out + column + k * kWidth, sums[k]);
}

double dot_here(const double* a, const double* b, std::size_t count) {
  const auto add = [&](std::size_t i, Lanes& sum) {
    sum = pmadd(ploadu<Lanes>(a + i), ploadu<Lanes>(b + i), sum);
  };
  Lanes sums[kSums];
  SOOTH_UNROLLED
  for (std::size_t k = 0; k < kSums; ++k) sums[k] = pset1<Lanes>(0);
  std::size_t i = 0;
  for (; i + kSums * kWidth <= count; i += kSums * kWidth) {
    SOOTH_UNROLLED
    for (std::size_t k = 0; k < kSums; ++k) add(i + k * kWidth, sums[k]);
  }
  for (; i + kWidth <= count; i += kWidth) add(i, sums[0]);
  for (std::size_t k = 1; k < kSums; ++k) sums[0] = padd(sums[0], sums[k]);
  double lanes[kWidth];
  pstoreu(lanes, sums[0]);
  double sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const double each : lanes) sum += each;
  return sum;
}

// What one feature adds to a sum.
template <TileSum kSum>
inline __attribute__((always_inline)) Lanes grow(const Lanes& sum, const Lanes& x, const Lanes& y) {
  if constexpr (kSum == TileSum::Product) return pmadd(x, y, sum);
  const Lanes difference = psub(x, y);
  if constexpr (kSum == TileSum::Squared) return pmadd(difference, difference, sum);
  if constexpr (kSum == TileSum::Absolute) return padd(sum, pabs(difference));
  return pmax(sum, pabs(difference));
}

template <TileSum kSum>
void sum_tiles(const double* row, const Tiles& tiles, double* out) {
  constexpr std::size_t kStep = kSums * kWidth;
  static_assert(kTileRows % kStep == 0);
  for (std::size_t t = 0; t < tiles.count; ++t) {
    const double* tile = tiles.values + t * tiles.features * kTileRows;
    for (std::size_t first = 0; first < kTileRows; first += kStep) {
      Lanes sums[kSums];
      SOOTH_UNROLLED
      for (std::size_t k = 0; k < kSums; ++k) sums[k] = pset1<Lanes>(0);
      const double* from = tile + first;
      for (std::size_t f = 0; f < tiles.features; ++f, from += kTileRows) {
        const Lanes x = pset1<Lanes>(row[f]);
        SOOTH_UNROLLED
        for (std::size_t k = 0; k < kSums; ++k) {
          sums[k] = grow<kSum>(sums[k], x, ploadu<Lanes>(from + k * kWidth));
        }
      }
      SOOTH_UNROLLED
      for (std::size_t k = 0; k < kSums; ++k) pstoreu(out + first + k * kWidth, sums[k]);
    }
    out += kTileRows;
  }
}

void tile_sums_here(TileSum kind, const double* row, const Tiles& tiles, double* out) {
  switch (kind) {
    case TileSum::Product: return sum_tiles<TileSum::Product>(row, tiles, out);
    case TileSum::Squared: return sum_tiles<TileSum::Squared>(row, tiles, out);
    case TileSum::Absolute: return sum_tiles<TileSum::Absolute>(row, tiles, out);
    case TileSum::Largest: return sum_tiles<TileSum::Largest>(row, tiles, out);
  }
}

void product_of_row(const double* row, const DenseView& b, double* out) {
  std::size_t column = 0;
  for (; column + kSums * kWidth <= b.columns; column += kSums * kWidth) {
    sum_columns<kSums>(row, b, column, out);
  }
  for (; column + 2 * kWidth <= b.columns; column += 2 * kWidth) {
    sum_columns<2>(row, b, column, out);
  }
  for (; column + kWidth <= b.columns; column += kWidth) sum_columns<1>(row, b, column, out);
  if (column == b.columns) return;
  for (std::size_t k = column; k < b.columns; ++k) out[k] = 0;
  for (std::size_t f = 0; f < b.rows; ++f) {
    const double* from = b.values + f * b.columns;
    for (std::size_t k = column; k < b.columns; ++k) out[k] += row[f] * from[k];
  }
}

void product_here(const DenseView& a, const DenseView& b, double* out) {
  if (b.columns == 1) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      out[i] = dot_here(a.values + i * a.columns, b.values, a.columns);
    }
    return;
  }
  if (a.rows < kManyRows) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      product_of_row(a.values + i * a.columns, b, out + i * b.columns);
    }
    return;
  }
  const auto index = [](std::size_t size) { return static_cast<Eigen::Index>(size); };
  Eigen::Map<RowMajor> result(out, index(a.rows), index(b.columns));
  result.noalias() = ConstMap(a.values, index(a.rows), index(a.columns)) *
                     ConstMap(b.values, index(b.rows), index(b.columns));
}

void solve_lower_here(const DenseView& lower, double* right, std::size_t columns) {
  const auto rows = static_cast<Eigen::Index>(lower.rows);
  Eigen::Map<RowMajor> solved(right, rows, static_cast<Eigen::Index>(columns));
  ConstMap(lower.values, rows, rows).triangularView<Eigen::Lower>().solveInPlace(solved);
}

// Whether all of a block are numbers whose exponential neither vanishes nor is infinite, which
// Eigen's is not made for.
bool is_plain(const double* values, std::size_t count) {
  constexpr double kLeast = -708;
  constexpr double kMost = 709;
  const Lanes none = pset1<Lanes>(0);
  Lanes least = none;
  Lanes most = none;
  Lanes odd = none;  // 0, unless one is no number.
  std::size_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    const Lanes each = ploadu<Lanes>(values + i);
    least = Eigen::internal::pmin(least, each);
    most = pmax(most, each);
    odd = pmadd(each, none, odd);
  }
  for (; i < count; ++i) {
    if (!(values[i] >= kLeast && values[i] <= kMost)) return false;
  }
  return Eigen::internal::predux(odd) == 0 && Eigen::internal::predux_min(least) >= kLeast &&
         Eigen::internal::predux_max(most) <= kMost;
}

void exp_each_here(double* values, std::size_t count) {
  constexpr std::size_t kBlock = 64;
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t some = count - first < kBlock ? count - first : kBlock;
    double* block = values + first;
    if (is_plain(block, some)) {
      Eigen::Map<Eigen::ArrayXd> all(block, static_cast<Eigen::Index>(some));
      all = all.exp();
    } else {
      for (std::size_t i = 0; i < some; ++i) block[i] = std::exp(block[i]);
    }
  }
}

void expit_each_here(double* values, std::size_t count) {
  Eigen::Map<Eigen::ArrayXd> all(values, static_cast<Eigen::Index>(count));
  all = ((-all).exp() + 1).inverse();
}

// By its series where the quotient below would lose what is small.
template <typename Array>
void tanh_of(Array& all) {
  using Block = typename Array::PlainObject;
  const Block x = all;
  const Block square = x * x;
  Block series = Block::Constant(x.size(), 6404582.0 / 10854718875.0);
  series = series * square - 929569.0 / 638512875.0;
  series = series * square + 21844.0 / 6081075.0;
  series = series * square - 1382.0 / 155925.0;
  series = series * square + 62.0 / 2835.0;
  series = series * square - 17.0 / 315.0;
  series = series * square + 2.0 / 15.0;
  series = series * square - 1.0 / 3.0;
  series = x + x * square * series;
  const Block far = 1 - 2 / ((2 * x.abs()).exp() + 1);
  all = (x.abs() < 0.2).select(series, (x < 0).select(-far, far));
}

void tanh_each_here(double* values, std::size_t count) {
  constexpr std::size_t kBlock = 64;
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    Eigen::Map<Eigen::Array<double, kBlock, 1>> block(values + i);
    tanh_of(block);
  }
  for (; i < count; ++i) {
    Eigen::Map<Eigen::Array<double, 1, 1>> last(values + i);
    tanh_of(last);
  }
}

void add_to_rows_here(double* rows, std::size_t count, const double* bias, std::size_t width,
                      bool relu) {
  const Eigen::Map<const Eigen::ArrayXd> more(bias, static_cast<Eigen::Index>(width));
  for (std::size_t i = 0; i < count; ++i) {
    Eigen::Map<Eigen::ArrayXd> row(rows + i * width, static_cast<Eigen::Index>(width));
    row += more;
    if (relu) row = (row < 0).select(0, row);
  }
}

constexpr ProductTarget kTarget{.product = product_here,
                                .solve_lower = solve_lower_here,
                                .dot = dot_here,
                                .tile_sums = tile_sums_here,
                                .exp_each = exp_each_here,
                                .expit_each = expit_each_here,
                                .tanh_each = tanh_each_here,
                                .add_to_rows = add_to_rows_here};

}  // namespace
}  // namespace plan
