#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// A piecewise linear function of one feature through given points (IsotonicRegression, which asks
// scipy's interp1d), and what it does outside them.
class Interpolate final : public Step {
 public:
  enum class Outside : std::uint8_t { Refuse, Nan, Clip };
  struct Points {
    std::vector<double> x;  // Ascending, at least one.
    std::vector<double> y;  // As many. One point alone is a constant.
    double least = 0;       // What Clip keeps x within.
    double most = 0;
    Outside outside = Outside::Nan;
    bool single = false;  // Fitted with float32, and computed so.
  };
  explicit Interpolate(Points points);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 30; }

  double at(double x) const;

 private:
  double between(double x) const;

  Points points_;
};

}  // namespace plan
