#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// For each of several distributions constant - 0.5 * |(x - center) W|^2: what
// QuadraticDiscriminantAnalysis and GaussianMixture say of a row. Or constant less the squared
// Mahalanobis distance (x - center) W (x - center), as EllipticEnvelope has it.
class Whitened final : public Step {
 public:
  struct Part {
    double constant = 0;
    std::vector<double> center;  // features
    std::vector<double> matrix;  // W, features x columns, row-major
    std::size_t columns = 0;     // not 0
    bool distance = false;       // Mahalanobis. W then has a column for each feature.
  };
  // Precondition: at least one part, each of the same features and of as many numbers as it says.
  explicit Whitened(std::vector<Part> parts);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  std::vector<Part> parts_;
  std::size_t features_;
};

// threshold ^ 0.33 - distance ^ 0.33 of a negative distance: what EllipticEnvelope decided by
// before 0.20.
class ThresholdRoot final : public Step {
 public:
  explicit ThresholdRoot(double threshold) : threshold_(threshold) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 30; }

 private:
  double threshold_;
};

}  // namespace plan
