#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// scores = features x coefficients + intercept, in float64 (scikit-learn's decision_function:
// safe_sparse_dot(X, coef_.T) + intercept_). The order of the sum is that of the features, which
// BLAS does not promise: within 1e-12 of scikit-learn, not its bits.
class Linear final : public Step {
 public:
  // `coefficients` is coef_: outputs x features, row-major; `intercepts` has one an output.
  // Precondition: coefficients.size() == intercepts.size() * features.
  Linear(Form form, std::size_t features, std::span<const double> coefficients,
         std::vector<double> intercepts);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  void run_row(std::span<const double> row, double* scores) const;
  void run_row(std::span<const std::uint32_t> indices, std::span<const double> values,
               double* scores) const;

  Form form_;
  std::size_t features_;
  std::size_t outputs_;
  // features x outputs: what one feature adds to every output lies together, so a sparse row
  // reads only what it touches.
  std::vector<double> by_feature_;
  std::vector<double> intercepts_;
};

// y[i] += a * x[i]; rounds the product and the sum, on every machine alike.
void add_scaled(double a, const double* x, double* y, std::size_t count);

}  // namespace plan
