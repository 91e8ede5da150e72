#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// Each feature as the number of the bin it falls into (KBinsDiscretizer.transform), or as an
// indicator for each bin.
class Discretize final : public Step {
 public:
  struct Feature {
    std::vector<double> edges;  // Between bins, ascending; one bin more than edges.
    std::size_t bins = 1;
  };
  struct Options {
    bool one_hot = false;   // Sparse indicators; else dense numbers.
    bool tolerant = false;  // What is as near to an edge as numpy.isclose has it is above it.
    bool float32 = false;   // Features are rounded to float32 first.
  };
  Discretize(std::vector<Feature> features, Options options);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 5 * static_cast<double>(features_.size()); }

  std::size_t outputs() const { return outputs_; }

 private:
  std::size_t bin(const Feature& feature, double x) const;

  std::vector<Feature> features_;
  Options options_;
  std::size_t outputs_ = 0;
};

}  // namespace plan
