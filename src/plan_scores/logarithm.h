#pragma once

#include <cstddef>
#include <string>

#include "plan/step.h"

namespace plan {

// numpy.log of every number; of 0 it is -infinity.
class Logarithm final : public Step {
 public:
  explicit Logarithm(std::size_t width) : width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 8 * static_cast<double>(width_); }

 private:
  std::size_t width_;
};

}  // namespace plan
