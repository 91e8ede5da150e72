#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plan/step.h"
#include "plan_scores/coefficients.h"

namespace plan {

// scores = features x coefficients + intercept, in float64 (scikit-learn's decision_function:
// safe_sparse_dot(X, coef_.T) + intercept_). The order of the sum is that of the features, which
// BLAS does not promise: within 1e-12 of scikit-learn, not its bits.
class Linear final : public Step {
 public:
  // Precondition: as many intercepts as outputs; for sparse rows, coefficients by feature.
  Linear(Form form, std::shared_ptr<const Coefficients> coefficients,
         std::vector<double> intercepts);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  void run_dense(const Matrix& rows, Matrix& scores) const;
  void run_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                  double* scores) const;

  Form form_;
  std::shared_ptr<const Coefficients> coefficients_;
  std::vector<double> intercepts_;
};

}  // namespace plan
