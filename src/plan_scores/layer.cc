#include "plan_scores/layer.h"

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {

std::string Layer::describe() const {
  return fmt::format("a layer from {} to {} units", weights_->features(), weights_->outputs());
}

double Layer::row_ns() const {
  const auto products = static_cast<double>(weights_->features() * weights_->outputs());
  return 20 + products / 4 + static_cast<double>(weights_->outputs()) * 2;
}

bool Layer::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Layer*>(&other);
  return as != nullptr && as->weights_ == weights_ && as->bias_ == bias_ &&
         as->function_ == function_;
}

base::Result<void> Layer::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t units = weights_->outputs();
  out.dense.resize(in.rows(), units);
  double* values = out.dense.values.data();
  product({in[0].dense.values.data(), in.rows(), weights_->features()},
          {weights_->of_feature(0), weights_->features(), units}, values);
  add_to_rows(values, in.rows(), bias_.data(), units, function_ == Function::Relu);
  if (function_ && function_ != Function::Relu) {
    apply_each(*function_, values, in.rows() * units);
  }
  return {};
}

}  // namespace plan
