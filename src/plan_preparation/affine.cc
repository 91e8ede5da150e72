#include "plan_preparation/affine.h"

#include <fmt/format.h>

namespace plan {

std::string Affine::describe() const {
  return fmt::format("multiply by {} and shift {} columns", factor_, shifts_.size());
}

bool Affine::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Affine*>(&other);
  return as != nullptr && as->factor_ == factor_ && as->shifts_ == shifts_;
}

base::Result<void> Affine::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t width = shifts_.size();
  out.dense.resize(in.rows(), width);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < width; ++k) to[k] = from[k] * factor_ + shifts_[k];
  }
  return {};
}

}  // namespace plan
