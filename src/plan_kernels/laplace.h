#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plan/buffer.h"
#include "plan/step.h"
#include "plan_kernels/process_kernel.h"

namespace plan {

// Probabilities of a Gaussian process classifier of two classes, by Laplace's approximation
// (sklearn.gaussian_process, algorithm 3.2 of Rasmussen and Williams): of the latent function's
// mean and variance, through the error functions that scikit-learn takes for the sigmoid.
class LaplaceProbabilities final : public Step {
 public:
  struct Parts {
    std::vector<double> residuals;  // y_train_ - pi_
    std::vector<double> root_w;     // W_sr_
    Matrix cholesky;                // L_, lower
  };
  // Precondition: all of kernel->rows() rows.
  LaplaceProbabilities(ProcessKernelPtr kernel, Parts parts);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  ProcessKernelPtr kernel_;
  Parts parts_;                // Without its square matrix, of which this is the lower half.
  std::vector<double> lower_;  // As PackedLower (product.h) has it.
};

}  // namespace plan
