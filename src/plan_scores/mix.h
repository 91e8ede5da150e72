#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// The sum of several dense inputs in their order, divided by a constant: a mean, an average with
// weights, the votes of an ensemble. As NumPy has it: each addend is rounded, then each sum, then
// the quotient.
class Mix final : public Step {
 public:
  struct Part {
    std::size_t width = 0;
    double weight = 1;
    // To which column of the answer each of its columns goes; empty: each to its own.
    std::vector<std::uint32_t> targets;
    bool operator==(const Part&) const = default;
  };
  // Precondition: every target, and every width without targets, is within `width`.
  Mix(std::size_t width, std::vector<Part> parts, double divisor)
      : width_(width), divisor_(divisor), parts_(std::move(parts)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
  double divisor_;
  std::vector<Part> parts_;
};

// log(sum(exp(x))) of several dense inputs, by numpy.logaddexp from the first to the last, and then
// less log(inputs): what BaggingClassifier.predict_log_proba does.
class LogMean final : public Step {
 public:
  LogMean(std::size_t width, std::vector<Mix::Part> parts)
      : width_(width), parts_(std::move(parts)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 20 * static_cast<double>(width_ * parts_.size()); }

 private:
  std::size_t width_;
  std::vector<Mix::Part> parts_;
};

// The weighted median of several predictions (AdaBoostRegressor): of those in ascending order the
// first by which half of all weight is reached. Each input has one or more columns; a weight each.
class WeightedMedian final : public Step {
 public:
  // Precondition: the inputs have as many columns in all as there are weights, at least one.
  explicit WeightedMedian(std::vector<double> weights) : weights_(std::move(weights)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 10 + 15 * static_cast<double>(weights_.size()); }

 private:
  std::vector<double> weights_;
};

}  // namespace plan
