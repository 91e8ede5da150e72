#include "plan_scores/linear.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/lanes.h"
#include "plan_scores/few_outputs.h"
#include "plan_scores/row_major.h"

namespace plan {
namespace {

// Features whose products are added to a score while it is in a register, and the scores for which
// their coefficients stay in the nearest cache.
constexpr std::size_t kGroup = 8;
constexpr std::size_t kOutputsAtOnce = 256;
// Rows that share one reading of the coefficients; their scores stay in the second cache.
constexpr std::size_t kRowsAtOnce = 16;

template <typename Vector>
inline __attribute__((always_inline)) void add_product(double a, const double* x, Vector& sum) {
  Vector factors;
  load(x, factors);
  sum += a * factors;
}

// For the scores in some registers: y[i] += a[0] * x[0][i], then a[1] * x[1][i], ...; each product
// and each sum is rounded, on every machine alike. x[j] starts at x + j * stride.
template <typename Vector, std::size_t kCount, std::size_t... kRegister>
inline __attribute__((always_inline)) void add_registers(
    const double* a, const double* x, std::size_t stride, double* y,
    std::index_sequence<kRegister...> /*registers*/) {
  Vector sums[sizeof...(kRegister)];
  (load(y + kRegister * kLanes<Vector>, sums[kRegister]), ...);
  for (std::size_t j = 0; j < kCount; ++j) {
    (add_product(a[j], x + j * stride + kRegister * kLanes<Vector>, sums[kRegister]), ...);
  }
  (store(sums[kRegister], y + kRegister * kLanes<Vector>), ...);
}

// The same for `count` scores.
template <typename Vector, std::size_t kCount>
inline __attribute__((always_inline)) void add_scaled_by(const double* a, const double* x,
                                                         std::size_t stride, double* y,
                                                         std::size_t count) {
  constexpr std::size_t kRegisters = 8;  // Enough that no sum waits for the one before.
  std::size_t i = 0;
  for (; i + kRegisters * kLanes<Vector> <= count; i += kRegisters * kLanes<Vector>) {
    add_registers<Vector, kCount>(a, x + i, stride, y + i, std::make_index_sequence<kRegisters>());
  }
  for (; i + kLanes<Vector> <= count; i += kLanes<Vector>) {
    add_registers<Vector, kCount>(a, x + i, stride, y + i, std::make_index_sequence<1>());
  }
  for (; i < count; ++i) {
    double sum = y[i];
    for (std::size_t j = 0; j < kCount; ++j) sum += a[j] * x[j * stride + i];
    y[i] = sum;
  }
}

using AddScaled = void (*)(const double* a, const double* x, std::size_t stride, double* y,
                           std::size_t count);
struct Kernels {
  AddScaled one;
  AddScaled group;
};

void add_one(const double* a, const double* x, std::size_t stride, double* y, std::size_t count) {
  add_scaled_by<Two, 1>(a, x, stride, y, count);
}

void add_group(const double* a, const double* x, std::size_t stride, double* y, std::size_t count) {
  add_scaled_by<Two, kGroup>(a, x, stride, y, count);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void add_one_avx2(const double* a, const double* x,
                                                  std::size_t stride, double* y,
                                                  std::size_t count) {
  add_scaled_by<Four, 1>(a, x, stride, y, count);
}

__attribute__((target("avx2"))) void add_group_avx2(const double* a, const double* x,
                                                    std::size_t stride, double* y,
                                                    std::size_t count) {
  add_scaled_by<Four, kGroup>(a, x, stride, y, count);
}

__attribute__((target("avx512f"))) void add_one_avx512(const double* a, const double* x,
                                                       std::size_t stride, double* y,
                                                       std::size_t count) {
  add_scaled_by<Eight, 1>(a, x, stride, y, count);
}

__attribute__((target("avx512f"))) void add_group_avx512(const double* a, const double* x,
                                                         std::size_t stride, double* y,
                                                         std::size_t count) {
  add_scaled_by<Eight, kGroup>(a, x, stride, y, count);
}
#endif

Kernels choose_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {add_one_avx512, add_group_avx512};
  if (__builtin_cpu_supports("avx2")) return {add_one_avx2, add_group_avx2};
#endif
  return {add_one, add_group};
}

const Kernels kKernels = choose_kernels();

}  // namespace

Linear::Linear(Form form, std::shared_ptr<const Coefficients> coefficients,
               std::vector<double> intercepts)
    : form_(form), coefficients_(std::move(coefficients)), intercepts_(std::move(intercepts)) {}

std::string Linear::describe() const {
  return fmt::format("multiply {} features by {} columns of coefficients",
                     coefficients_->features(), coefficients_->outputs());
}

double Linear::row_ns() const {
  const double touched =
      form_ == Form::Sparse ? 64 : static_cast<double>(coefficients_->features());
  return 10 + touched * (1 + static_cast<double>(coefficients_->outputs()) / 4);
}

bool Linear::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Linear*>(&other);
  return as != nullptr && as->form_ == form_ && as->coefficients_ == coefficients_ &&
         as->intercepts_ == intercepts_;
}

base::Result<void> Linear::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t outputs = coefficients_->outputs();
  out.dense.resize(in.rows(), outputs);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  if (form_ == Form::Sparse) {
    for (std::size_t i = 0; i < in.rows(); ++i) {
      run_sparse(in[0].sparse.row_indices(i), in[0].sparse.row_values(i), out.dense.row(i));
    }
  } else if (!coefficients_->is_by_feature()) {
    add_row_major(in[0].dense, *coefficients_, out.dense);
  } else if (outputs == 1 || (outputs <= kFewOutputsMax && in.rows() >= kFewRowsMin)) {
    sum_few_outputs(in[0].dense, *coefficients_, out.dense);
  } else {
    run_dense(in[0].dense, out.dense);
  }
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* scores = out.dense.row(i);
    const double* intercepts = intercepts_.data();
    for (std::size_t k = 0; k < outputs; ++k) scores[k] += intercepts[k];
  }
  return {};
}

// Coefficients can be many more than a cache holds, so several rows share one reading of them.
void Linear::run_dense(const Matrix& rows, Matrix& scores) const {
  const std::size_t features = coefficients_->features();
  const std::size_t outputs = coefficients_->outputs();
  for (std::size_t first = 0; first < scores.rows; first += kRowsAtOnce) {
    const std::size_t last = std::min(first + kRowsAtOnce, scores.rows);
    std::size_t f = 0;
    const auto add = [&](AddScaled kernel) {
      const double* x = coefficients_->of_feature(f);
      for (std::size_t k = 0; k < outputs; k += kOutputsAtOnce) {
        const std::size_t count = std::min(kOutputsAtOnce, outputs - k);
        for (std::size_t i = first; i < last; ++i) {
          kernel(rows.row(i) + f, x + k, outputs, scores.row(i) + k, count);
        }
      }
    };
    for (; f + kGroup <= features; f += kGroup) add(kKernels.group);
    for (; f < features; ++f) add(kKernels.one);
  }
}

void Linear::run_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                        double* scores) const {
  const std::size_t outputs = coefficients_->outputs();
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const double* x = coefficients_->of_feature(indices[k]);
    if (outputs == 1) {
      *scores += values[k] * *x;
    } else {
      kKernels.one(&values[k], x, outputs, scores, outputs);
    }
  }
}

}  // namespace plan
