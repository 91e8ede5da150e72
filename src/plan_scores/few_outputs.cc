#include "plan_scores/few_outputs.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "plan_dense/lanes.h"
#include "plan_scores/few_outputs_target.h"

namespace plan {
namespace {

constexpr std::size_t kFewWide = kFewOutputsMax;
// Features whose coefficients are spread out at a time.
constexpr std::size_t kFewFeaturesAtOnce = 256;

#if defined(__clang__)
#define SOOTH_FEW_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define SOOTH_FEW_UNROLLED _Pragma("GCC unroll 8")
#endif

template <typename Vector, std::size_t kRows, std::size_t kRegisters>
inline __attribute__((always_inline)) void add_few(const Few& few) {
  Vector sums[kRows][kRegisters];
  SOOTH_FEW_UNROLLED
  for (std::size_t r = 0; r < kRows; ++r) {
    SOOTH_FEW_UNROLLED
    for (std::size_t k = 0; k < kRegisters; ++k) {
      load(few.sums + r * kFewWide + k * kLanes<Vector>, sums[r][k]);
    }
  }
  const double* x = few.coefficients;
  for (std::size_t f = 0; f < few.features; ++f, x += kFewWide) {
    Vector factors[kRegisters];
    SOOTH_FEW_UNROLLED
    for (std::size_t k = 0; k < kRegisters; ++k) load(x + k * kLanes<Vector>, factors[k]);
    SOOTH_FEW_UNROLLED
    for (std::size_t r = 0; r < kRows; ++r) {
      const double a = few.rows[r * few.stride + f];
      SOOTH_FEW_UNROLLED
      for (std::size_t k = 0; k < kRegisters; ++k) sums[r][k] += a * factors[k];
    }
  }
  SOOTH_FEW_UNROLLED
  for (std::size_t r = 0; r < kRows; ++r) {
    SOOTH_FEW_UNROLLED
    for (std::size_t k = 0; k < kRegisters; ++k) {
      store(sums[r][k], few.sums + r * kFewWide + k * kLanes<Vector>);
    }
  }
}

constexpr std::size_t kFewRowsAtOnce = 4;

void few_rows_of_half(const Few& few) { add_few<Two, 4, 2>(few); }
void few_row_of_half(const Few& few) { add_few<Two, 1, 2>(few); }
void few_rows(const Few& few) {
  add_few<Two, 2, 4>(few);
  Few rest = few;
  rest.rows += 2 * few.stride;
  rest.sums += 2 * kFewWide;
  add_few<Two, 2, 4>(rest);
}
void few_row(const Few& few) { add_few<Two, 1, 4>(few); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void few_rows_of_half_avx2(const Few& few) {
  add_few<Four, 4, 1>(few);
}
__attribute__((target("avx2"))) void few_row_of_half_avx2(const Few& few) {
  add_few<Four, 1, 1>(few);
}
__attribute__((target("avx2"))) void few_rows_avx2(const Few& few) { add_few<Four, 4, 2>(few); }
__attribute__((target("avx2"))) void few_row_avx2(const Few& few) { add_few<Four, 1, 2>(few); }
__attribute__((target("avx512f"))) void few_rows_avx512(const Few& few) {
  add_few<Eight, 4, 1>(few);
}
__attribute__((target("avx512f"))) void few_row_avx512(const Few& few) {
  add_few<Eight, 1, 1>(few);
}
#endif

void sum_one_output(const Matrix& rows, const Coefficients& coefficients, double* scores) {
  const std::size_t features = coefficients.features();
  const double* by = coefficients.of_feature(0);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const double* row = rows.row(i);
    double sum = 0;
    for (std::size_t f = 0; f < features; ++f) sum += row[f] * by[f];
    scores[i] = sum;
  }
}

}  // namespace

FewTargets few_targets() {
  FewTargets all{{{few_rows_of_half, few_row_of_half, few_rows, few_row}}, 1};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    all.list[all.count++] = {few_rows_of_half_avx2, few_row_of_half_avx2, few_rows_avx2,
                             few_row_avx2};
    if (__builtin_cpu_supports("avx512f")) {
      all.list[all.count++] = {few_rows_of_half_avx2, few_row_of_half_avx2, few_rows_avx512,
                               few_row_avx512};
    }
  }
#endif
  return all;
}

void sum_few_outputs(const Matrix& rows, const Coefficients& coefficients, Matrix& scores) {
  static const FewTargets kTargets = few_targets();
  sum_few_outputs(kTargets.list[kTargets.count - 1], rows, coefficients, scores);
}

void sum_few_outputs(const FewTarget& target, const Matrix& rows, const Coefficients& coefficients,
                     Matrix& scores) {
  const std::size_t features = coefficients.features();
  const std::size_t outputs = coefficients.outputs();
  if (outputs == 1 && rows.rows < kFewRowsMin) {
    return sum_one_output(rows, coefficients, scores.values.data());
  }
  const bool half = outputs <= kFewWide / 2;
  std::array<double, kFewFeaturesAtOnce * kFewWide> spread{};
  for (std::size_t first = 0; first < features; first += kFewFeaturesAtOnce) {
    const std::size_t count = std::min(kFewFeaturesAtOnce, features - first);
    for (std::size_t f = 0; f < count; ++f) {
      std::copy_n(coefficients.of_feature(first + f), outputs, spread.data() + f * kFewWide);
    }
    for (std::size_t i = 0; i < rows.rows;) {
      const std::size_t taken = i + kFewRowsAtOnce <= rows.rows ? kFewRowsAtOnce : 1;
      std::array<double, kFewRowsAtOnce * kFewWide> sums{};
      for (std::size_t r = 0; r < taken && first > 0; ++r) {
        std::copy_n(scores.row(i + r), outputs, sums.data() + r * kFewWide);
      }
      const AddFew add = taken == 1 ? (half ? target.row_of_half : target.row)
                                    : (half ? target.rows_of_half : target.rows);
      add({rows.row(i) + first, features, spread.data(), count, sums.data()});
      for (std::size_t r = 0; r < taken; ++r) {
        std::copy_n(sums.data() + r * kFewWide, outputs, scores.row(i + r));
      }
      i += taken;
    }
  }
}

}  // namespace plan
