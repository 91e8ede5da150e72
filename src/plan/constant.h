#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// The same numbers for every row, whatever is in it.
class Constant final : public Step {
 public:
  explicit Constant(std::vector<double> row) : row_(std::move(row)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + static_cast<double>(row_.size()); }
  bool same_as(const Step& other) const override;

 private:
  std::vector<double> row_;
};

}  // namespace plan
