#pragma once

#include <cstddef>
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

// x * factor + offset for each feature of dense rows. Rounds the product and the sum, as
// MinMaxScaler.transform and StandardScaler.inverse_transform do.
class MultiplyAdd final : public Step {
 public:
  // Precondition: as many factors as offsets.
  MultiplyAdd(std::vector<double> factors, std::vector<double> offsets)
      : factors_(std::move(factors)), offsets_(std::move(offsets)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::vector<double> factors_;
  std::vector<double> offsets_;
};

// Every feature within [low, high], dense or sparse; NaN stays (numpy.clip).
class Clip final : public Step {
 public:
  Clip(Form form, std::size_t width, double low, double high)
      : form_(form), width_(width), low_(low), high_(high) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_) / 4; }

 private:
  Form form_;
  std::size_t width_;
  double low_;
  double high_;
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
