#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"
#include "plan_scores/coefficients.h"
#include "plan_scores/elementwise.h"

namespace plan {

// function(features x weights + bias): a layer of a network, of dense rows. The sums are those of
// product, within 1e-12 of scikit-learn's.
class Layer final : public Step {
 public:
  // Precondition: weights by feature, and as many biases as they have outputs.
  Layer(std::shared_ptr<const Coefficients> weights, std::vector<double> bias,
        std::optional<Function> function)
      : weights_(std::move(weights)), bias_(std::move(bias)), function_(function) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::shared_ptr<const Coefficients> weights_;
  std::vector<double> bias_;
  std::optional<Function> function_;
};

}  // namespace plan
