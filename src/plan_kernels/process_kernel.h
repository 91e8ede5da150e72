#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan_kernels/row_kernel.h"

namespace plan {

class ProcessKernel;
using ProcessKernelPtr = std::shared_ptr<const ProcessKernel>;

// A kernel that is linear in either row: factor (x . y) + added.
struct LinearKernel {
  const StoredRows* rows = nullptr;  // Null where it is a constant, `added`.
  double factor = 0;
  double added = 0;
};

// The kernels of sklearn.gaussian_process.kernels between a row and each of the rows that the
// process was fitted with: a tree of sums, products and powers over the leaves below. White noise
// is 0 between rows of which one is new.
class ProcessKernel : public RowKernel {
 public:
  explicit ProcessKernel(std::size_t rows) : rows_(rows) {}
  std::size_t rows() const override { return rows_; }
  std::size_t room() const override { return (rows_ + kTileRows - 1) / kTileRows * kTileRows; }
  std::string describe() const override;
  double row_ns() const override { return static_cast<double>(rows_) * value_ns(); }

  // Of a row with itself, noise included.
  virtual double own(const double* x) const = 0;
  // The value between any two rows, where it is one.
  virtual std::optional<double> constant() const { return std::nullopt; }
  // Between a row and a stored one, where it is linear.
  virtual std::optional<LinearKernel> linear() const { return std::nullopt; }
  // What it is the sum of, where it is one of two others.
  virtual std::optional<std::pair<ProcessKernelPtr, ProcessKernelPtr>> summands() const {
    return std::nullopt;
  }
  // What one value costs.
  virtual double value_ns() const = 0;

 private:
  std::size_t rows_;
};

// value, for every pair; noise: of a row with itself alone.
ProcessKernelPtr make_constant_kernel(double value, std::size_t rows, bool noise);

// Functions of the Euclidean distance of rows over length scales.
struct Stationary {
  enum class Kind : std::uint8_t { Rbf, Matern, RationalQuadratic, ExpSineSquared };
  Kind kind = Kind::Rbf;
  // Rbf, Matern: one for all features or one for each. RationalQuadratic, ExpSineSquared: one.
  std::vector<double> length_scale;
  double nu = 1.5;         // Matern; infinity is Rbf.
  double alpha = 1;        // RationalQuadratic
  double periodicity = 1;  // ExpSineSquared
};
ProcessKernelPtr make_stationary_kernel(Stationary options, const Matrix& rows);

// x . y + sigma_0^2
ProcessKernelPtr make_dot_product_kernel(double sigma_0, const Matrix& rows);
ProcessKernelPtr make_pairwise_kernel(const KernelOptions& options, const Matrix& rows);

ProcessKernelPtr make_kernel_sum(ProcessKernelPtr a, ProcessKernelPtr b);
ProcessKernelPtr make_kernel_product(ProcessKernelPtr a, ProcessKernelPtr b);
ProcessKernelPtr make_kernel_power(ProcessKernelPtr base, double exponent);

}  // namespace plan
