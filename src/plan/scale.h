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
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  std::vector<double> center_;
  std::vector<double> scale_;
};

// x * factor for every feature alike, dense or sparse.
class MultiplyAll final : public Step {
 public:
  MultiplyAll(Form form, std::size_t width, double factor)
      : form_(form), width_(width), factor_(factor) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override {
    return form_ == Form::Sparse ? 50 : 5 + 0.25 * static_cast<double>(width_);
  }

 private:
  Form form_;
  std::size_t width_;
  double factor_;
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
