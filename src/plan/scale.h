#pragma once

#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// (x - center) / scale for each feature of dense rows; either may be empty for none. Rounds the
// difference and the quotient, as StandardScaler.transform does.
class CenterScale final : public Step {
 public:
  CenterScale(std::size_t width, std::vector<double> center, std::vector<double> scale)
      : width_(width), center_(std::move(center)), scale_(std::move(scale)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  std::size_t width_;
  std::vector<double> center_;
  std::vector<double> scale_;
};

// x * factor for each feature, dense or sparse.
class Multiply final : public Step {
 public:
  Multiply(Form form, std::vector<double> factors) : form_(form), factors_(std::move(factors)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  Form form_;
  std::vector<double> factors_;
};

}  // namespace plan
