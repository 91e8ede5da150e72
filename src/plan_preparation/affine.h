#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// x * factor + shift, of which each column has a shift of its own.
class Affine final : public Step {
 public:
  Affine(double factor, std::vector<double> shifts) : factor_(factor), shifts_(std::move(shifts)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(shifts_.size()); }
  bool same_as(const Step& other) const override;

 private:
  double factor_;
  std::vector<double> shifts_;
};

}  // namespace plan
