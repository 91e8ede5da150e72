#pragma once

#include <string>

#include "plan/step.h"

namespace plan {

// What outlier detectors predict of one column of decisions: 1 above zero, -1 below it.
class Sign final : public Step {
 public:
  // What a decision of exactly zero is.
  enum class Zero : std::uint8_t { IsInlier, IsOutlier };
  explicit Sign(Zero zero) : zero_(zero) {}
  std::string describe() const override { return "sign of a column"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 2; }

 private:
  Zero zero_;
};

}  // namespace plan
