#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/builder.h"
#include "plan_scores/coefficients.h"

namespace sklearn {

// features x weights + bias of many outputs, dense rows as one product of matrices.
class Projection {
 public:
  // Precondition: a bias for each output.
  Projection(std::shared_ptr<const plan::Coefficients> weights, std::vector<double> bias)
      : weights_(plan::Coefficients::by_feature(std::move(weights))), bias_(std::move(bias)) {}
  explicit Projection(std::shared_ptr<const plan::Coefficients> weights)
      : Projection(weights, std::vector<double>(weights->outputs(), 0.0)) {}

  std::size_t features() const { return weights_->features(); }
  std::size_t outputs() const { return weights_->outputs(); }
  // Of features that were checked.
  plan::Port of(plan::Builder& builder, const plan::Port& features,
                std::vector<std::string> names = {}) const;

 private:
  std::shared_ptr<const plan::Coefficients> weights_;
  std::vector<double> bias_;
};

}  // namespace sklearn
