#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// The x for which the standard normal distribution is below x with probability p, and the
// probability for x (scipy.stats.norm.ppf and cdf), within some units in the last place.
double normal_quantile(double p);
double normal_probability(double x);

// Each feature by its place among the quantiles of the training data (QuantileTransformer), or
// back. Interpolates as numpy.interp does, once from either end. NaN stays; sparse rows have what
// they store transformed.
class Quantile final : public Step {
 public:
  struct Fitted {
    std::size_t width = 0;
    std::vector<double> references;  // Ascending from 0 to 1.
    std::vector<double> quantiles;   // width x references, those of a feature together.
    bool normal = false;             // output_distribution
    bool clipped = false;            // Kept from the ends where it is uniform too (up to 0.20).
  };
  // Preconditions: at least one reference; quantiles of a feature ascend.
  Quantile(Form form, bool inverse, Fitted fitted)
      : form_(form), inverse_(inverse), fitted_(std::move(fitted)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 150 * static_cast<double>(fitted_.width); }

 private:
  double to_distribution(double x, const double* quantiles) const;
  double from_distribution(double x, const double* quantiles) const;

  Form form_;
  bool inverse_;
  Fitted fitted_;
};

}  // namespace plan
