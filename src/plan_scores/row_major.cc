#include "plan_scores/row_major.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "plan_dense/lanes.h"

namespace plan {
namespace {

// As many rows' features of these lie beside each other in the second cache.
constexpr std::size_t kFeaturesAtOnce = 2048;
// Outputs whose sums are in registers at once, so that none waits for the one before.
constexpr std::size_t kOutputsInRegisters = 4;
constexpr std::size_t kRegistersOfRows = 2;

// The rows that are scored together.
template <typename Vector>
constexpr std::size_t kWidth = kRegistersOfRows* kLanes<Vector>;

// A file's doubles are of any alignment.
inline __attribute__((always_inline)) double read_double(const std::byte* at) {
  double value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// Some features of the rows side by side, features x width, and some outputs' coefficients of them.
struct Block {
  const double* rows;
  std::size_t features;
  const std::byte* coefficients;
  std::size_t stride;  // Bytes from one output's coefficients to the next one's.
};

// sums, outputs x width: each grows by its products, one feature after the other.
template <typename Vector, std::size_t... kSum>
inline __attribute__((always_inline)) void add_block(const Block& block, double* sums,
                                                     std::index_sequence<kSum...> /*sums*/) {
  constexpr std::size_t kOutputs = sizeof...(kSum) / kRegistersOfRows;
  Vector sum[sizeof...(kSum)];
  Vector row[kRegistersOfRows];
  double coefficient[kOutputs];
  (load(sums + kSum * kLanes<Vector>, sum[kSum]), ...);
  for (std::size_t f = 0; f < block.features; ++f) {
    const double* features = block.rows + f * kWidth<Vector>;
    const std::byte* at = block.coefficients + f * sizeof(double);
    ((kSum < kRegistersOfRows ? load(features + kSum * kLanes<Vector>, row[kSum % kRegistersOfRows])
                              : void()),
     ...);
    ((kSum < kOutputs ? void(coefficient[kSum % kOutputs] = read_double(at + kSum * block.stride))
                      : void()),
     ...);
    ((sum[kSum] += row[kSum % kRegistersOfRows] * coefficient[kSum / kRegistersOfRows]), ...);
  }
  (store(sum[kSum], sums + kSum * kLanes<Vector>), ...);
}

template <typename Vector, std::size_t kOutputs>
inline __attribute__((always_inline)) void add_outputs(const Block& block, double* sums) {
  add_block<Vector>(block, sums, std::make_index_sequence<kOutputs * kRegistersOfRows>());
}

template <typename Vector>
inline __attribute__((always_inline)) void add_all(Block block, std::size_t outputs, double* sums) {
  std::size_t k = 0;
  for (; k + kOutputsInRegisters <= outputs; k += kOutputsInRegisters) {
    add_outputs<Vector, kOutputsInRegisters>(block, sums + k * kWidth<Vector>);
    block.coefficients += kOutputsInRegisters * block.stride;
  }
  for (; k < outputs; ++k) {
    add_outputs<Vector, 1>(block, sums + k * kWidth<Vector>);
    block.coefficients += block.stride;
  }
}

struct Kernel {
  std::size_t width;
  void (*add)(Block block, std::size_t outputs, double* sums);
};

void add_two(Block block, std::size_t outputs, double* sums) { add_all<Two>(block, outputs, sums); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void add_four(Block block, std::size_t outputs, double* sums) {
  add_all<Four>(block, outputs, sums);
}

__attribute__((target("avx512f"))) void add_eight(Block block, std::size_t outputs, double* sums) {
  add_all<Eight>(block, outputs, sums);
}
#endif

Kernel choose_kernel([[maybe_unused]] std::size_t rows) {
#if defined(__x86_64__)
  if (rows > kWidth<Four> && __builtin_cpu_supports("avx512f")) return {kWidth<Eight>, add_eight};
  if (__builtin_cpu_supports("avx2")) return {kWidth<Four>, add_four};
#endif
  return {kWidth<Two>, add_two};
}

// Features first .. first + count of the rows from `row` on, side by side; where there is no row,
// 0.
void gather(const Matrix& rows, std::size_t row, std::size_t first, std::size_t count,
            std::size_t width, std::vector<double>& to) {
  const std::size_t present = std::min(width, rows.rows - row);
  to.assign(count * width, 0);
  for (std::size_t i = 0; i < present; ++i) {
    const double* from = rows.row(row + i) + first;
    for (std::size_t f = 0; f < count; ++f) to[f * width + i] = from[f];
  }
}

}  // namespace

void add_row_major(const Matrix& rows, const Coefficients& coefficients, Matrix& scores) {
  const std::size_t features = coefficients.features();
  const std::size_t outputs = coefficients.outputs();
  const auto [width, add] = choose_kernel(scores.rows);
  std::vector<double> block;
  std::vector<double> sums(outputs * width);
  for (std::size_t first = 0; first < scores.rows; first += width) {
    const std::size_t count = std::min(width, scores.rows - first);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t f = 0; f < features; f += kFeaturesAtOnce) {
      const std::size_t some = std::min(kFeaturesAtOnce, features - f);
      gather(rows, first, f, some, width, block);
      add({.rows = block.data(),
           .features = some,
           .coefficients = coefficients.in_file().data() + f * sizeof(double),
           .stride = features * sizeof(double)},
          outputs, sums.data());
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      for (std::size_t i = 0; i < count; ++i) scores.row(first + i)[k] += sums[k * width + i];
    }
  }
}

}  // namespace plan
