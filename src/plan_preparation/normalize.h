#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// Each row divided by its norm, unless that is 0 or below `least` (Normalizer.transform).
class NormalizeRows final : public Step {
 public:
  enum class Norm : std::uint8_t {
    L1,
    L2,
    Max,        // The largest absolute value.
    SignedMax,  // The largest value, as early releases have it for "max".
  };
  NormalizeRows(Form form, std::size_t width, Norm norm, double least = 0)
      : form_(form), width_(width), norm_(norm), least_(least) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 10 + static_cast<double>(width_); }

 private:
  Form form_;
  std::size_t width_;
  Norm norm_;
  double least_;
};

// 1 where a feature is above the threshold, else 0 (Binarizer, BernoulliNB). Sparse rows keep only
// what is 1. Precondition: a threshold of sparse rows is not negative.
class Binarize final : public Step {
 public:
  Binarize(Form form, std::size_t width, double threshold)
      : form_(form), width_(width), threshold_(threshold) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(width_) / 4; }

 private:
  Form form_;
  std::size_t width_;
  double threshold_;
};

// A kernel of each row with the rows of the training data, centred in feature space
// (KernelCenterer.transform).
class CenterKernel final : public Step {
 public:
  // `means` of the training kernel's columns, and of all of it.
  CenterKernel(std::vector<double> means, double mean) : means_(std::move(means)), mean_(mean) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(means_.size()); }

 private:
  std::vector<double> means_;
  double mean_;
};

}  // namespace plan
