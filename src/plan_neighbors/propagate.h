#pragma once

#include <string>
#include <utility>

#include "plan/step.h"

namespace plan {

// Each row divided by its sum: the shares of classes, NaN where all are 0, as LabelPropagation and
// LabelSpreading leave them.
class LabelShares final : public Step {
 public:
  std::string describe() const override { return "shares of labels"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 10; }
};

// The sum of what the nearest rows of the fit (FindNeighbors, neighbors.h) are labelled with.
class NeighborLabelSums final : public Step {
 public:
  // `labels`: rows of the fit x classes.
  explicit NeighborLabelSums(Matrix labels) : labels_(std::move(labels)) {}
  std::string describe() const override { return "sums of the labels of neighbours"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 30; }

 private:
  Matrix labels_;
};

}  // namespace plan
