#include "plan/linear.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace plan {
namespace {

// Eight doubles at once in whatever registers the function's target has.
using Eight = double __attribute__((vector_size(64), aligned(8), may_alias));

template <typename Vector>
inline __attribute__((always_inline)) void add_scaled_by(double a, const double* x, double* y,
                                                         std::size_t count) {
  constexpr std::size_t kLanes = sizeof(Vector) / sizeof(double);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Vector part;
    Vector sum;
    std::memcpy(&part, x + i, sizeof part);
    std::memcpy(&sum, y + i, sizeof sum);
    sum += a * part;
    std::memcpy(y + i, &sum, sizeof sum);
  }
  for (; i < count; ++i) y[i] += a * x[i];
}

using AddScaled = void (*)(double, const double*, double*, std::size_t);

void add_scaled_baseline(double a, const double* x, double* y, std::size_t count) {
  add_scaled_by<Eight>(a, x, y, count);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void add_scaled_avx2(double a, const double* x, double* y,
                                                     std::size_t count) {
  add_scaled_by<Eight>(a, x, y, count);
}

__attribute__((target("avx512f"))) void add_scaled_avx512(double a, const double* x, double* y,
                                                          std::size_t count) {
  add_scaled_by<Eight>(a, x, y, count);
}
#endif

AddScaled choose_add_scaled() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return add_scaled_avx512;
  if (__builtin_cpu_supports("avx2")) return add_scaled_avx2;
#endif
  return add_scaled_baseline;
}

const AddScaled kAddScaled = choose_add_scaled();

}  // namespace

void add_scaled(double a, const double* x, double* y, std::size_t count) {
  kAddScaled(a, x, y, count);
}

Linear::Linear(Form form, std::size_t features, std::span<const double> coefficients,
               std::vector<double> intercepts)
    : form_(form),
      features_(features),
      outputs_(intercepts.size()),
      by_feature_(coefficients.size()),
      intercepts_(std::move(intercepts)) {
  for (std::size_t k = 0; k < outputs_; ++k) {
    for (std::size_t f = 0; f < features_; ++f) {
      by_feature_[f * outputs_ + k] = coefficients[k * features_ + f];
    }
  }
}

std::string Linear::describe() const {
  return fmt::format("multiply {} features by {} columns of coefficients", features_, outputs_);
}

double Linear::row_ns() const {
  const double touched = form_ == Form::Sparse ? 64 : static_cast<double>(features_);
  return 10 + touched * (1 + static_cast<double>(outputs_) / 4);
}

base::Result<void> Linear::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), outputs_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* scores = out.dense.row(i);
    std::fill_n(scores, outputs_, 0.0);
    if (form_ == Form::Sparse) {
      run_row(in[0].sparse.row_indices(i), in[0].sparse.row_values(i), scores);
    } else {
      run_row({in[0].dense.row(i), features_}, scores);
    }
    for (std::size_t k = 0; k < outputs_; ++k) scores[k] += intercepts_[k];
  }
  return {};
}

void Linear::run_row(std::span<const double> row, double* scores) const {
  const double* coefficients = by_feature_.data();
  if (outputs_ == 1) {
    double sum = 0;
    for (std::size_t f = 0; f < features_; ++f) sum += row[f] * coefficients[f];
    scores[0] = sum;
    return;
  }
  for (std::size_t f = 0; f < features_; ++f) {
    add_scaled(row[f], coefficients + f * outputs_, scores, outputs_);
  }
}

void Linear::run_row(std::span<const std::uint32_t> indices, std::span<const double> values,
                     double* scores) const {
  const double* coefficients = by_feature_.data();
  for (std::size_t k = 0; k < indices.size(); ++k) {
    add_scaled(values[k], coefficients + indices[k] * outputs_, scores, outputs_);
  }
}

}  // namespace plan
