#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

// Features that approximate a kernel (sklearn.kernel_approximation).
namespace plan {

// cos(x) * factor of dense rows (RBFSampler, SkewedChi2Sampler, behind their projection).
class Cosines final : public Step {
 public:
  Cosines(std::size_t width, double factor) : width_(width), factor_(factor) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 15 * static_cast<double>(width_); }

 private:
  std::size_t width_;
  double factor_;
};

// log(x + shift) of dense rows (SkewedChi2Sampler). Refuses what is not above -shift.
class ShiftedLog final : public Step {
 public:
  ShiftedLog(std::size_t width, double shift, std::vector<std::string> names)
      : width_(width), shift_(shift), names_(std::move(names)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 10 * static_cast<double>(width_); }

 private:
  std::size_t width_;
  double shift_;
  std::vector<std::string> names_;  // For messages; may be empty.
};

// The same numbers, none of which may be negative.
class NotNegative final : public Step {
 public:
  NotNegative(Form form, std::vector<std::string> names) : form_(form), names_(std::move(names)) {}
  std::string describe() const override { return "refuse negative numbers"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 20; }

 private:
  Form form_;
  std::vector<std::string> names_;  // For messages; may be empty.
};

// Samples of the Fourier transform of the additive chi-squared kernel (AdditiveChi2Sampler), dense
// or sparse: the square roots of all features, then for each step their cosines and sines.
// Precondition: nothing is negative.
class AdditiveChi2 final : public Step {
 public:
  AdditiveChi2(Form form, std::size_t width, std::size_t sample_steps, double interval);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  std::unique_ptr<State> make_state() const override;
  double row_ns() const override { return 30 + 5 * static_cast<double>(outputs()); }

  std::size_t outputs() const { return width_ * blocks(); }

 private:
  std::size_t blocks() const { return 2 * scales_.size() + 1; }
  // A sample of each number for each block, block by block. `scratch` is the step's own.
  void sample(std::span<const double> numbers, double* to, std::vector<double>& scratch) const;

  Form form_;
  std::size_t width_;
  double interval_;
  std::vector<double> scales_;  // cosh(pi j interval), of j from 1.
};

// The polynomial kernel's features as a convolution of count sketches (PolynomialCountSketch),
// taken without a Fourier transform.
class CountSketch final : public Step {
 public:
  struct Fitted {
    std::size_t features = 0;
    std::size_t components = 0;
    double gamma = 1;
    double coef0 = 0;
    // degree x (features, and one more where coef0 is not 0): which component, and times what.
    std::vector<std::size_t> components_of;
    std::vector<double> signs;
  };
  // Precondition: at least one degree; every component is below `components`.
  explicit CountSketch(Fitted fitted) : fitted_(std::move(fitted)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  std::size_t inputs() const { return fitted_.features + (fitted_.coef0 != 0 ? 1 : 0); }
  void sketch(std::size_t degree, const double* row, double* out) const;

  Fitted fitted_;
};

}  // namespace plan
