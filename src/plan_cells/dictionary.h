#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/categories.h"
#include "plan/step.h"

namespace plan {

// Cells to sparse rows as DictVectorizer takes a row's dictionary: a number is the value of the
// feature of its column, a text sets the feature of its column and itself to 1, where it has one.
class Dictionary final : public Step {
 public:
  struct Column {
    std::size_t feature = 0;               // Of a column of numbers.
    std::optional<Categories> categories;  // Of a column of texts: the feature of each.
  };
  // `single`: numbers are rounded to float32.
  Dictionary(std::vector<Column> columns, std::size_t width, bool single = false)
      : columns_(std::move(columns)), width_(width), single_(single) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 10 + 20 * static_cast<double>(columns_.size()); }

 private:
  std::vector<Column> columns_;
  std::size_t width_;
  bool single_;
};

}  // namespace plan
