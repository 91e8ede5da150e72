#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"
#include "scorer/match_scorer.h"

namespace contract {

// Whether a row of the answer is a bare value as in scikit-learn: the only column of predict,
// decision_function and score_samples, and of what is flat. What has a column for each class or
// feature is an array.
bool is_bare_value(plan::Method method, const plan::Output& output);

// How one plan's answers stand in JSON: labels are put into text once. Immutable.
class AnswerText {
 public:
  // `nan`: what is not finite is written NaN, Infinity or -Infinity, as Python reads it; else null.
  AnswerText(plan::Method method, const plan::Output& output, bool nan = false);

  // One cell: a number or a label.
  void append_cell(std::size_t column, double value, std::string& out) const;
  // One row: a cell, or an array of cells. Sparse rows stand in full.
  void append_row(const plan::Buffer& answer, std::size_t row, std::string& out) const;
  // All rows in an array.
  void append_rows(const plan::Buffer& answer, std::size_t rows, std::string& out) const;

  // Whether a row is an array, and no bare value.
  bool rows_are_arrays() const { return arrays_; }

 private:
  std::size_t columns_;
  bool arrays_;
  bool nan_;
  plan::Form form_;
  std::vector<std::vector<std::string>> labels_;  // Of each column; empty for numbers.
};

// An id as JSON: bare where every one is an integer.
void append_id(const std::string& id, bool integer, std::string& out);

}  // namespace contract
