#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/categories.h"
#include "plan/step.h"

namespace plan {

// Cells to indicator columns (OneHotEncoder.transform): each cell sets one feature to 1.
class OneHot final : public Step {
 public:
  // Code of a category: the feature it sets, from 0 within the whole output, or kNone.
  static constexpr std::int32_t kNone = -1;
  struct Column {
    Categories categories;
    std::string name;  // For messages; may be empty.
    bool unknown_refused = true;
    std::int32_t unknown = kNone;  // Else the feature that an unknown category sets.
  };
  OneHot(std::vector<Column> columns, std::size_t width)
      : columns_(std::move(columns)), width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  std::vector<Column> columns_;
  std::size_t width_;
};

}  // namespace plan
