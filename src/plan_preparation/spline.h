#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// The basis of B-splines over a feature (SplineTransformer.transform), evaluated as
// scipy.interpolate.BSpline does.
class Spline final : public Step {
 public:
  enum class Outside : std::uint8_t { Refuse, Constant, Linear, Continue, Periodic };
  struct Feature {
    std::vector<double> knots;
    // Beyond either the feature is outside; with what each spline has there, and its slope. `low`
    // may be above `high`: then it always is.
    double low = 0;
    double high = 0;
    std::vector<double> at_low, slope_low;
    std::vector<double> at_high, slope_high;
    // How many splines of either end are not 0 outside: where more than there are, nothing may be
    // below.
    std::size_t ends = 0;
  };
  struct Shape {
    std::size_t degree = 0;
    std::size_t splines = 0;  // Of each feature.
    Outside outside = Outside::Constant;
    bool last = true;               // Whether each feature's last spline comes out.
    bool missing_as_zeros = false;  // Else NaN is as whoever checked it says.
    std::size_t outputs() const { return last ? splines : splines - 1; }
  };
  // Preconditions: at least 2 * (degree + 1) knots, at most degree + 1 more than splines and, where
  // not periodic, exactly; low and high are there for Constant and Linear.
  Spline(const Shape& shape, std::vector<Feature> features, std::vector<std::string> names)
      : shape_(shape), features_(std::move(features)), names_(std::move(names)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

  // All splines of one feature at x, or their slopes; NaN where x is outside and not to be
  // continued to. Precondition: `work` has 2 * (degree + 1) numbers.
  static void evaluate(const Shape& shape, const std::vector<double>& knots, double x, bool slopes,
                       double* work, double* out);

 private:
  bool extrapolate(const Feature& feature, double x, double* out) const;
  bool transform(const Feature& feature, double x, double* work, double* out) const;

  Shape shape_;
  std::vector<Feature> features_;
  std::vector<std::string> names_;  // For messages; may be empty.
};

}  // namespace plan
