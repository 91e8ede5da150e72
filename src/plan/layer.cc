#include "plan/layer.h"

#include <fmt/format.h>

#include "plan/product.h"

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
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* row = out.dense.row(i);
    if (function_ == Function::Relu) {
      for (std::size_t k = 0; k < units; ++k) {
        const double x = row[k] + bias_[k];
        row[k] = x < 0 ? 0 : x;
      }
    } else {
      for (std::size_t k = 0; k < units; ++k) row[k] += bias_[k];
    }
  }
  if (function_ && function_ != Function::Relu) {
    apply_each(*function_, values, in.rows() * units);
  }
  return {};
}

}  // namespace plan
