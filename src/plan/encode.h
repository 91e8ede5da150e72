#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/categories.h"
#include "plan/step.h"

namespace plan {

// Cells to dense rows: categories become their codes, an unknown one NaN; numbers stay.
class Encode final : public Step {
 public:
  // One for each column; nothing for a column of numbers that stays as it is.
  explicit Encode(std::vector<std::optional<Categories>> columns) : columns_(std::move(columns)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  std::vector<std::optional<Categories>> columns_;
};

}  // namespace plan
