#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/categories.h"
#include "plan/step.h"

namespace plan {

// Cells to dense rows: each category of a column becomes numbers of its own, one or several
// (what encoders of categories by target, contrast or digits do).
class EncodeRows final : public Step {
 public:
  static constexpr std::int32_t kRefused = -1;
  struct Column {
    Categories categories;     // Each with the row of `rows` that it becomes.
    std::vector<double> rows;  // As many numbers each as `width` says.
    std::size_t width = 1;
    std::string name;  // For messages; may be empty.
    // The row of a cell that is no category, or kRefused.
    std::int32_t unknown = kRefused;
    // The same of a missing one.
    std::int32_t missing = kRefused;
  };
  explicit EncodeRows(std::vector<Column> columns);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

  std::size_t width() const { return width_; }

 private:
  base::Error refusal(const Inputs& in, std::size_t column, std::size_t row) const;

  std::vector<Column> columns_;
  std::size_t width_ = 0;
};

}  // namespace plan
