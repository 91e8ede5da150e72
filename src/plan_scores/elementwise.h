#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/step.h"

namespace plan {

// Functions of one number, in the words of NumPy and SciPy.
enum class Function : std::uint8_t {
  Log,
  // log, of zero that of the smallest normal number (LinearDiscriminantAnalysis).
  LogFloored,
  Exp,
  Expit,
  Tanh,
  Relu,
  // 1 where it is above the number, else 0.
  AboveZero,
  AboveHalf,
  // 1 where it is at least zero, else -1 (what detectors of outliers answer).
  Inlier,
};

// values[i] = function(values[i])
void apply_each(Function function, double* values, std::size_t count);

// One function of each cell of dense rows.
class Elementwise final : public Step {
 public:
  Elementwise(Function function, std::size_t width) : function_(function), width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  Function function_;
  std::size_t width_;
};

}  // namespace plan
