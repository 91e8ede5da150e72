#include "plan/process_kernel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
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
        stored_(scales() ? scaled_rows(rows, length()) : rows) {}

  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    const double* x = in.dense.row(row);
    if (scales()) {
      const std::vector<double>& scale = length();
      for (std::size_t f = 0; f < stored_.features(); ++f) {
        scratch[f] = x[f] / (scale.size() == 1 ? scale.front() : scale[f]);
      }
      x = scratch;
    }
    stored_.sums(TileSum::Squared, x, out);
    const std::size_t count = stored_.rows();
    switch (options_.kind) {
      case Stationary::Kind::Rbf:
        for (std::size_t i = 0; i < count; ++i) out[i] *= -0.5;
        exp_each(out, count);
        break;
      case Stationary::Kind::Matern: matern(count, out, scratch + stored_.features()); break;
      case Stationary::Kind::RationalQuadratic: {
        const double by = 2 * options_.alpha * length().front() * length().front();
        for (std::size_t i = 0; i < count; ++i) out[i] = std::pow(1 + out[i] / by, -options_.alpha);
        break;
      }
      case Stationary::Kind::ExpSineSquared: {
        for (std::size_t i = 0; i < count; ++i) {
          const double sine = std::sin(std::numbers::pi / options_.periodicity * std::sqrt(out[i]));
          out[i] = -2 * (sine / length().front()) * (sine / length().front());
        }
        exp_each(out, count);
        break;
      }
    }
  }
  std::size_t scratch() const override { return stored_.features() + room(); }
  double own(const double*) const override { return 1; }
  double value_ns() const override {
    const bool slow = options_.kind == Stationary::Kind::RationalQuadratic ||
                      options_.kind == Stationary::Kind::ExpSineSquared;
    return 0.08 * static_cast<double>(stored_.features()) + (slow ? 20 : 2);
  }

 private:
  bool scales() const {
    return options_.kind == Stationary::Kind::Rbf || options_.kind == Stationary::Kind::Matern;
  }
  const std::vector<double>& length() const { return options_.length_scale; }

  // out: from squared distances to the kernel; `powers`: memory for as many numbers.
  void matern(std::size_t count, double* out, double* powers) const {
    const double nu = options_.nu;
    if (std::isinf(nu)) {
      for (std::size_t i = 0; i < count; ++i) out[i] *= -0.5;
      return exp_each(out, count);
    }
    if (nu != 0.5 && nu != 1.5 && nu != 2.5) return general_matern(count, out);
    const double root = std::sqrt(2 * nu);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = std::sqrt(out[i]) * root;
      powers[i] = -out[i];
    }
    exp_each(powers, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double d = out[i];
      const double factor = nu == 0.5 ? 1 : nu == 1.5 ? 1 + d : 1 + d + d * d / 3.0;
      out[i] = factor * powers[i];
    }
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
  StoredRows stored_;
};

class DotProductKernel final : public ProcessKernel {
 public:
  DotProductKernel(double sigma_0, const Matrix& rows)
      : ProcessKernel(rows.rows), added_(sigma_0 * sigma_0), stored_(rows) {}
  void values(const Buffer& in, std::size_t row, double*, double* out) const override {
    stored_.sums(TileSum::Product, in.dense.row(row), out);
    for (std::size_t i = 0; i < rows(); ++i) out[i] += added_;
  }
  double own(const double* x) const override { return dot(x, x, stored_.features()) + added_; }
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
    for (std::size_t i = 0; i < rows(); ++i) {
      out[i] = operation_ == Operation::Sum ? out[i] + scratch[i] : out[i] * scratch[i];
    }
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  std::size_t scratch() const override { return room() + std::max(a_->scratch(), b_->scratch()); }
  // NOLINTNEXTLINE(misc-no-recursion)
  double own(const double* x) const override {
    return operation_ == Operation::Sum ? a_->own(x) + b_->own(x) : a_->own(x) * b_->own(x);
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  double value_ns() const override { return a_->value_ns() + b_->value_ns() + 0.5; }

 private:
  Operation operation_;
  ProcessKernelPtr a_;
  ProcessKernelPtr b_;
};

class PowerKernel final : public ProcessKernel {
 public:
  PowerKernel(ProcessKernelPtr base, double exponent)
      : ProcessKernel(base->rows()), base_(std::move(base)), exponent_(exponent) {}
  // NOLINTNEXTLINE(misc-no-recursion)
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    base_->values(in, row, scratch, out);
    for (std::size_t i = 0; i < rows(); ++i) out[i] = std::pow(out[i], exponent_);
  }
  std::size_t scratch() const override { return base_->scratch(); }
  double own(const double* x) const override { return std::pow(base_->own(x), exponent_); }
  double value_ns() const override { return base_->value_ns() + 20; }

 private:
  ProcessKernelPtr base_;
  double exponent_;
};

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
  return std::make_shared<CombinedKernel>(Operation::Sum, std::move(a), std::move(b));
}
ProcessKernelPtr make_kernel_product(ProcessKernelPtr a, ProcessKernelPtr b) {
  return std::make_shared<CombinedKernel>(Operation::Product, std::move(a), std::move(b));
}
ProcessKernelPtr make_kernel_power(ProcessKernelPtr base, double exponent) {
  return std::make_shared<PowerKernel>(std::move(base), exponent);
}

}  // namespace plan
