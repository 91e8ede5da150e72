#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "plan/step.h"
#include "plan_kernels/row_kernel.h"

namespace plan {

// Each output is a sum over stored rows: bias + the sum of weight * kernel(row, stored row), as
// support vector machines, kernel ridge regression and Gaussian processes predict; and of dense
// rows that of slope * feature besides, where it has slopes.
class KernelSums final : public Step {
 public:
  // Neighbouring stored rows and the weights of these.
  struct Term {
    std::size_t output = 0;
    std::size_t first = 0;  // Of the stored rows.
    std::size_t count = 0;
    std::size_t weight = 0;  // Where their weights begin.
  };
  // Precondition: what the terms say is within kernel->rows(), the weights and the biases.
  KernelSums(std::shared_ptr<const RowKernel> kernel, std::vector<Term> terms,
             std::vector<double> weights, std::vector<double> biases,
             std::vector<double> slopes = {})
      : kernel_(std::move(kernel)),
        terms_(std::move(terms)),
        weights_(std::move(weights)),
        biases_(std::move(biases)),
        slopes_(std::move(slopes)) {}
  // Every output over all stored rows: weights, outputs x rows; slopes, outputs x features or none.
  static std::shared_ptr<const KernelSums> over_all(std::shared_ptr<const RowKernel> kernel,
                                                    std::vector<double> weights,
                                                    std::vector<double> biases,
                                                    std::vector<double> slopes = {});

  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  // From the kernel's values of a row to what comes out.
  void add_up(const double* values, double* sums) const;
  void add_slopes(const double* row, double* sums) const;

  std::shared_ptr<const RowKernel> kernel_;
  std::vector<Term> terms_;
  std::vector<double> weights_;
  std::vector<double> biases_;
  std::vector<double> slopes_;
};

// The kernel itself: a column for each stored row.
class KernelValues final : public Step {
 public:
  explicit KernelValues(std::shared_ptr<const RowKernel> kernel) : kernel_(std::move(kernel)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return kernel_->row_ns(); }

 private:
  std::shared_ptr<const RowKernel> kernel_;
};

}  // namespace plan
