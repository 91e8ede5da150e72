#include "plan_kernels/process_kernel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace plan {
namespace {

class ConstantKernel final : public ProcessKernel {
 public:
  ConstantKernel(double value, std::size_t rows, bool noise)
      : ProcessKernel(rows), value_(value), noise_(noise) {}
  void values(const Buffer&, std::size_t, double*, double* out) const override {
    std::fill_n(out, room(), noise_ ? 0 : value_);
  }
  double own(const double*) const override { return value_; }
  std::optional<double> constant() const override { return noise_ ? 0 : value_; }
  std::optional<LinearKernel> linear() const override {
    return LinearKernel{.added = noise_ ? 0 : value_};
  }
  double value_ns() const override { return 0.1; }

 private:
  double value_;
  bool noise_;
};

Matrix scaled_rows(const Matrix& rows, const std::vector<double>& scale) {
  Matrix made = rows;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    for (std::size_t f = 0; f < rows.columns; ++f) {
      made.row(i)[f] /= scale.size() == 1 ? scale.front() : scale[f];
    }
  }
  return made;
}

class StationaryKernel final : public ProcessKernel {
 public:
  StationaryKernel(Stationary options, const Matrix& rows)
      : ProcessKernel(rows.rows),
        options_(std::move(options)),
        function_(function()),
        stored_(scales() ? scaled_rows(rows, length()) : rows) {}

  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    values_of_rows(in, {.first = row, .count = 1}, scratch, out);
  }
  void values_of_rows(const Buffer& in, const RowRange& range, double* scratch,
                      double* out) const override {
    for (std::size_t first = 0; first < range.count; first += kRowsTogether) {
      const std::size_t count = std::min(kRowsTogether, range.count - first);
      values_of_few(in, {.first = range.first + first, .count = count}, scratch,
                    out + first * room());
    }
  }
  std::size_t scratch() const override { return kRowsTogether * stored_.features(); }
  double own(const double*) const override { return 1; }
  double value_ns() const override {
    const bool bessel = options_.kind == Stationary::Kind::Matern && !has_closed_form();
    return 0.08 * static_cast<double>(stored_.features()) + (bessel ? 300 : 2);
  }

 private:
  bool scales() const {
    return options_.kind == Stationary::Kind::Rbf || options_.kind == Stationary::Kind::Matern;
  }
  const std::vector<double>& length() const { return options_.length_scale; }

  bool has_closed_form() const {
    const double nu = options_.nu;
    return nu == 0.5 || nu == 1.5 || nu == 2.5 || std::isinf(nu);
  }

  void values_of_few(const Buffer& in, const RowRange& range, double* scratch, double* out) const {
    const double* x = in.dense.row(range.first);
    if (scales()) {
      scale_rows(x, range.count, scratch);
      x = scratch;
    }
    const TileRows rows{.values = x, .count = range.count};
    if (options_.kind != Stationary::Kind::Matern || has_closed_form()) {
      stored_.kernels_of_rows({TileSum::Squared, function_}, rows, out);
      return;
    }
    stored_.sums_of_rows(TileSum::Squared, rows, out);
    for (std::size_t r = 0; r < range.count; ++r) general_matern(stored_.rows(), out + r * room());
  }

  void scale_rows(const double* x, std::size_t count, double* to) const {
    const std::vector<double>& scale = length();
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t f = 0; f < stored_.features(); ++f) {
        *to++ = *x++ / (scale.size() == 1 ? scale.front() : scale[f]);
      }
    }
  }

  // Of a squared distance.
  SumFunction function() const {
    using Kind = SumFunction::Kind;
    const double nu = options_.nu;
    switch (options_.kind) {
      case Stationary::Kind::Rbf: break;
      case Stationary::Kind::Matern: {
        if (std::isinf(nu)) break;
        const Kind kind = nu == 0.5 ? Kind::Matern12 : nu == 1.5 ? Kind::Matern32 : Kind::Matern52;
        return {.kind = kind, .scale = std::sqrt(2 * nu)};
      }
      case Stationary::Kind::RationalQuadratic:
        return {.kind = Kind::Power,
                .scale = 1 / (2 * options_.alpha * length().front() * length().front()),
                .shift = 1,
                .exponent = -options_.alpha};
      case Stationary::Kind::ExpSineSquared:
        return {.kind = Kind::SineSquared,
                .scale = std::numbers::pi / options_.periodicity,
                .shift = length().front()};
    }
    return {.kind = Kind::Exp, .scale = -0.5};
  }

  void general_matern(std::size_t count, double* out) const {
    // Beyond it the Bessel function is below the smallest number.
    constexpr double kFar = 740;
    const double nu = options_.nu;
    const double factor = std::pow(2, 1 - nu) / std::tgamma(nu);
    for (std::size_t i = 0; i < count; ++i) {
      const double d = std::sqrt(out[i]);
      const double at = std::sqrt(2 * nu) * (d == 0 ? std::numeric_limits<double>::epsilon() : d);
      out[i] = at < kFar ? factor * std::pow(at, nu) * std::cyl_bessel_k(nu, at) : 0;
    }
  }

  Stationary options_;
  SumFunction function_;
  StoredRows stored_;
};

class DotProductKernel final : public ProcessKernel {
 public:
  DotProductKernel(double sigma_0, const Matrix& rows)
      : ProcessKernel(rows.rows), added_(sigma_0 * sigma_0), stored_(rows) {}
  void values(const Buffer& in, std::size_t row, double*, double* out) const override {
    stored_.sums(TileSum::Product, in.dense.row(row), out);
    scale_each(out, rows(), 1, added_);
  }
  double own(const double* x) const override { return dot(x, x, stored_.features()) + added_; }
  std::optional<LinearKernel> linear() const override {
    return LinearKernel{.rows = &stored_, .factor = 1, .added = added_};
  }
  double value_ns() const override { return 0.08 * static_cast<double>(stored_.features()); }

 private:
  double added_;
  StoredRows stored_;
};

class PairwiseKernel final : public ProcessKernel {
 public:
  PairwiseKernel(const KernelOptions& options, const Matrix& rows)
      : ProcessKernel(rows.rows),
        options_(options),
        features_(rows.columns),
        kernel_(make_row_kernel(options, rows)) {}
  void values(const Buffer& in, std::size_t row, double*, double* out) const override {
    kernel_->values(in, row, nullptr, out);
  }
  double own(const double* x) const override {
    Buffer self;
    self.dense.resize(1, features_);
    std::copy_n(x, features_, self.dense.row(0));
    const auto kernel = make_row_kernel(options_, self.dense);
    std::vector<double> out(kernel->room());
    kernel->values(self, 0, nullptr, out.data());
    return out.front();
  }
  double value_ns() const override { return 5; }

 private:
  KernelOptions options_;
  std::size_t features_;
  std::shared_ptr<const RowKernel> kernel_;
};

enum class Operation : std::uint8_t { Sum, Product };

class CombinedKernel final : public ProcessKernel {
 public:
  CombinedKernel(Operation operation, ProcessKernelPtr a, ProcessKernelPtr b)
      : ProcessKernel(a->rows()), operation_(operation), a_(std::move(a)), b_(std::move(b)) {}
  // NOLINTNEXTLINE(misc-no-recursion): as deep as its maker let it be.
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    a_->values(in, row, scratch + room(), out);
    b_->values(in, row, scratch + room(), scratch);
    if (operation_ == Operation::Sum) {
      add_each(out, scratch, rows());
    } else {
      multiply_each(out, scratch, rows());
    }
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  std::size_t scratch() const override { return room() + std::max(a_->scratch(), b_->scratch()); }
  // NOLINTNEXTLINE(misc-no-recursion)
  double own(const double* x) const override {
    return operation_ == Operation::Sum ? a_->own(x) + b_->own(x) : a_->own(x) * b_->own(x);
  }
  std::optional<std::pair<ProcessKernelPtr, ProcessKernelPtr>> summands() const override {
    if (operation_ != Operation::Sum) return std::nullopt;
    return std::pair{a_, b_};
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  double value_ns() const override { return a_->value_ns() + b_->value_ns() + 0.5; }

 private:
  Operation operation_;
  ProcessKernelPtr a_;
  ProcessKernelPtr b_;
};

// Another times a constant, or with one added, as most are.
class ScaledKernel final : public ProcessKernel {
 public:
  ScaledKernel(Operation operation, ProcessKernelPtr base, ProcessKernelPtr constant, double value)
      : ProcessKernel(base->rows()),
        base_(std::move(base)),
        constant_(std::move(constant)),
        operation_(operation),
        value_(value) {}
  // NOLINTNEXTLINE(misc-no-recursion): as deep as its maker let it be.
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    values_of_rows(in, {.first = row, .count = 1}, scratch, out);
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  void values_of_rows(const Buffer& in, const RowRange& range, double* scratch,
                      double* out) const override {
    base_->values_of_rows(in, range, scratch, out);
    const bool sum = operation_ == Operation::Sum;
    for (std::size_t r = 0; r < range.count; ++r) {
      scale_each(out + r * room(), rows(), sum ? 1 : value_, sum ? value_ : 0);
    }
  }
  std::size_t scratch() const override { return base_->scratch(); }
  // NOLINTNEXTLINE(misc-no-recursion)
  double own(const double* x) const override {
    return operation_ == Operation::Sum ? base_->own(x) + constant_->own(x)
                                        : base_->own(x) * constant_->own(x);
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  std::optional<LinearKernel> linear() const override {
    auto linear = base_->linear();
    if (!linear) return std::nullopt;
    if (operation_ == Operation::Sum) {
      linear->added += value_;
    } else {
      linear->factor *= value_;
      linear->added *= value_;
    }
    return linear;
  }
  std::optional<std::pair<ProcessKernelPtr, ProcessKernelPtr>> summands() const override {
    if (operation_ != Operation::Sum) return std::nullopt;
    return std::pair{base_, constant_};
  }
  double value_ns() const override { return base_->value_ns() + 0.1; }

 private:
  ProcessKernelPtr base_;
  ProcessKernelPtr constant_;
  Operation operation_;
  double value_;  // Of the constant between two rows.
};

class PowerKernel final : public ProcessKernel {
 public:
  PowerKernel(ProcessKernelPtr base, double exponent)
      : ProcessKernel(base->rows()), base_(std::move(base)), exponent_(exponent) {}
  // NOLINTNEXTLINE(misc-no-recursion)
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    base_->values(in, row, scratch, out);
    finish_sums({.kind = SumFunction::Kind::Power, .exponent = exponent_}, out, rows());
  }
  std::size_t scratch() const override { return base_->scratch(); }
  double own(const double* x) const override { return std::pow(base_->own(x), exponent_); }
  double value_ns() const override { return base_->value_ns() + 2; }

 private:
  ProcessKernelPtr base_;
  double exponent_;
};

ProcessKernelPtr combine(Operation operation, ProcessKernelPtr a, ProcessKernelPtr b) {
  if (a->constant()) std::swap(a, b);
  if (const auto value = b->constant()) {
    return std::make_shared<ScaledKernel>(operation, std::move(a), std::move(b), *value);
  }
  return std::make_shared<CombinedKernel>(operation, std::move(a), std::move(b));
}

}  // namespace

std::string ProcessKernel::describe() const {
  return fmt::format("process kernel with {} rows", rows_);
}

ProcessKernelPtr make_constant_kernel(double value, std::size_t rows, bool noise) {
  return std::make_shared<ConstantKernel>(value, rows, noise);
}
ProcessKernelPtr make_stationary_kernel(Stationary options, const Matrix& rows) {
  return std::make_shared<StationaryKernel>(std::move(options), rows);
}
ProcessKernelPtr make_dot_product_kernel(double sigma_0, const Matrix& rows) {
  return std::make_shared<DotProductKernel>(sigma_0, rows);
}
ProcessKernelPtr make_pairwise_kernel(const KernelOptions& options, const Matrix& rows) {
  return std::make_shared<PairwiseKernel>(options, rows);
}
ProcessKernelPtr make_kernel_sum(ProcessKernelPtr a, ProcessKernelPtr b) {
  return combine(Operation::Sum, std::move(a), std::move(b));
}
ProcessKernelPtr make_kernel_product(ProcessKernelPtr a, ProcessKernelPtr b) {
  return combine(Operation::Product, std::move(a), std::move(b));
}
ProcessKernelPtr make_kernel_power(ProcessKernelPtr base, double exponent) {
  return std::make_shared<PowerKernel>(std::move(base), exponent);
}

}  // namespace plan
