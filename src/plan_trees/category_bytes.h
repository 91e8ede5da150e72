#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// The same rows, in which features of categories have whole numbers from 0 to 255 or NaN, as
// scikit-learn's HistGradientBoosting takes them: what is between is cut off, what is above goes
// round, and what is below zero is missing or goes round, by release.
class CategoryBytes final : public Step {
 public:
  CategoryBytes(std::size_t width, std::vector<std::size_t> features, bool negative_is_missing)
      : width_(width), features_(std::move(features)), negative_is_missing_(negative_is_missing) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_); }
  bool same_as(const Step& other) const override;

 private:
  double byte_of(double x) const;

  std::size_t width_;
  std::vector<std::size_t> features_;
  bool negative_is_missing_;
};

}  // namespace plan
