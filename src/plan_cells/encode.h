#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/categories.h"
#include "plan/step.h"

namespace plan {

// Cells to dense rows: categories become their codes, a missing one NaN; numbers stay. An unknown
// category is NaN too, or refused in those columns that say so.
class Encode final : public Step {
 public:
  // One for each column; nothing for a column of numbers that stays as it is.
  // `unknown_refused`: one for each, or none. `names`: the same, for messages.
  explicit Encode(std::vector<std::optional<Categories>> columns,
                  std::vector<bool> unknown_refused = {}, std::vector<std::string> names = {})
      : columns_(std::move(columns)),
        unknown_refused_(std::move(unknown_refused)),
        names_(std::move(names)) {
    unknown_refused_.resize(columns_.size());
  }
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  base::Error refusal(const Inputs& in, std::size_t row, std::size_t column) const;

  std::vector<std::optional<Categories>> columns_;
  std::vector<bool> unknown_refused_;
  std::vector<std::string> names_;
};

}  // namespace plan
