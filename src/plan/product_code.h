// The code of product.h, included by one source file for each kind of machine, which is compiled
// for it. That file has said another name for Eigen (`#define Eigen ...`) and SOOTH_LANES, the
// doubles of a register: a linker keeps one of several inline functions of one name, so code for
// different machines may not share any. For the same reason nothing of the standard library is
// instantiated here, and everything else is in an anonymous namespace.
#include <cstddef>
#include <cstring>

#if defined(__GNUC__) && !defined(__clang__)
// The compiler's own headers say so of values that it means to be undefined.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
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
using Lanes = double __attribute__((vector_size(SOOTH_LANES * sizeof(double))));

constexpr std::size_t kWidth = SOOTH_LANES;
// Registers of sums at once, so that none waits for the one before.
constexpr std::size_t kSums = 8;
// From this many rows on, what it costs Eigen to copy blocks is earned back.
constexpr std::size_t kManyRows = 4;

inline __attribute__((always_inline)) Lanes load_lanes(const double* from) {
  Lanes to;
  std::memcpy(&to, from, sizeof(to));
  return to;
}

inline __attribute__((always_inline)) void store_lanes(const Lanes& from, double* to) {
  std::memcpy(to, &from, sizeof(from));
}

#if defined(__clang__)
#define SOOTH_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define SOOTH_UNROLLED _Pragma("GCC unroll 8")
#endif

// The sums of some neighbouring columns of one row, in registers for all of the row.
template <std::size_t kCount>
inline __attribute__((always_inline)) void sum_columns(const double* row, const DenseView& b,
                                                       std::size_t column, double* out) {
  Lanes sums[kCount] = {};
  const double* from = b.values + column;
  for (std::size_t f = 0; f < b.rows; ++f, from += b.columns) {
    const double factor = row[f];
    SOOTH_UNROLLED
    for (std::size_t k = 0; k < kCount; ++k) sums[k] += factor * load_lanes(from + k * kWidth);
  }
  SOOTH_UNROLLED
  for (std::size_t k = 0; k < kCount; ++k) store_lanes(sums[k], out + column + k * kWidth);
}

double dot_here(const double* a, const double* b, std::size_t count) {
  Lanes sums[kSums] = {};
  std::size_t i = 0;
  for (; i + kSums * kWidth <= count; i += kSums * kWidth) {
    SOOTH_UNROLLED
    for (std::size_t k = 0; k < kSums; ++k) {
      sums[k] += load_lanes(a + i + k * kWidth) * load_lanes(b + i + k * kWidth);
    }
  }
  for (; i + kWidth <= count; i += kWidth) sums[0] += load_lanes(a + i) * load_lanes(b + i);
  for (std::size_t k = 1; k < kSums; ++k) sums[0] += sums[k];
  double sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  double lanes[kWidth];
  store_lanes(sums[0], lanes);
  for (const double each : lanes) sum += each;
  return sum;
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

void exp_each_here(double* values, std::size_t count) {
  Eigen::Map<Eigen::ArrayXd> all(values, static_cast<Eigen::Index>(count));
  all = all.exp();
}

constexpr ProductTarget kTarget{
    .product = product_here, .dot = dot_here, .exp_each = exp_each_here};

}  // namespace
}  // namespace plan
