#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "plan/step.h"

namespace plan {

// 1 / (1 + exp(slope * x + offset)): Platt's scaling.
struct SigmoidCurve {
  double slope = 0;
  double offset = 0;
};

// Straight lines from point to point, and level outside of them, as IsotonicRegression has it.
struct StepCurve {
  std::vector<double> x;  // Ascending, at least one.
  std::vector<double> y;  // As many.
  double at(double x_wanted) const;
};

using Curve = std::variant<SigmoidCurve, StepCurve>;

// Probabilities from scores (CalibratedClassifierCV): each column of scores has its curve, and the
// class whose probability it gives. With two classes one curve is enough: the first class gets what
// the second leaves. Three or more are divided by their sum; where that is zero, all are alike.
class Calibrate final : public Step {
 public:
  struct Column {
    Curve curve;
    std::size_t target = 0;
  };
  // Precondition: every target < classes.
  Calibrate(std::size_t classes, std::vector<Column> columns)
      : classes_(classes), columns_(std::move(columns)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 20 * static_cast<double>(classes_); }

 private:
  void run_row(const double* scores, double* probabilities) const;

  std::size_t classes_;
  std::vector<Column> columns_;
};

// softmax(beta * logits), where the logits are the logarithms of probabilities if it is told so.
class Temperature final : public Step {
 public:
  Temperature(std::size_t classes, double beta, bool of_probabilities)
      : classes_(classes), beta_(beta), of_probabilities_(of_probabilities) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 20 * static_cast<double>(classes_); }

 private:
  std::size_t classes_;
  double beta_;
  bool of_probabilities_;
};

}  // namespace plan
