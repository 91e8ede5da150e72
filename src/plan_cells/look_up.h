#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plan/categories.h"
#include "plan/step.h"

namespace plan {

// Cells to dense rows: each cell becomes the numbers of its category (OrdinalEncoder,
// TargetEncoder, LabelEncoder, LabelBinarizer).
class LookUp final : public Step {
 public:
  struct Column {
    Categories categories;        // Codes: rows of `values`.
    std::vector<double> values;   // Categories x numbers each.
    std::size_t width = 1;        // Numbers each.
    std::vector<double> unknown;  // Those of an unknown category; empty: refused.
    std::string name;             // For messages; may be empty.
  };
  // Precondition: every code is a row of its column's values.
  explicit LookUp(std::vector<Column> columns);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 10 + 20 * static_cast<double>(columns_.size()); }

  std::size_t outputs() const { return outputs_; }

 private:
  base::Error refusal(const Inputs& in, std::size_t column, std::size_t row) const;

  std::vector<Column> columns_;
  std::size_t outputs_ = 0;
};

}  // namespace plan
