#pragma once

#include <memory>
#include <string>

#include "plan_cells/cell_map.h"
#include "text/regex.h"

namespace plan {

// Texts under a regular expression. A missing text is refused, as Python's re does.

// 1 where the expression is found, else 0.
class Matches final : public CellFunction {
 public:
  explicit Matches(text::Regex regex) : regex_(std::move(regex)) {}
  data::ColumnType type() const override { return data::ColumnType::Number; }
  std::string describe() const override { return "texts that match"; }
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override { return 200; }

 private:
  text::Regex regex_;
};

// A text in place of each match, which must be all of what the expression's group takes.
class ReplaceMatches final : public CellFunction {
 public:
  ReplaceMatches(text::Regex regex, std::string replacement)
      : regex_(std::move(regex)), replacement_(std::move(replacement)) {}
  data::ColumnType type() const override { return data::ColumnType::Text; }
  std::string describe() const override { return "texts with matches replaced"; }
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const override;
  double row_ns() const override { return 400; }

 private:
  text::Regex regex_;
  std::string replacement_;
};

}  // namespace plan
