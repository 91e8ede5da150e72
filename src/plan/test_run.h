#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

// Runs one step on dense rows, for its tests.
namespace plan::test_run {

// The same rows without what is infinite: neighbours within a radius are left so.
inline SparseMatrix finite_of(const Matrix& rows) {
  SparseMatrix made;
  made.clear(rows.columns);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    for (std::size_t k = 0; k < rows.columns; ++k) {
      if (!std::isinf(rows.row(i)[k])) made.push(k, rows.row(i)[k]);
    }
    made.end_row();
  }
  return made;
}

// What the step leaves of rows of so many columns, row-major; it may read them dense or sparse.
inline base::Result<std::vector<double>> run(const Step& step, std::size_t columns,
                                             std::vector<double> values) {
  Buffer input;
  const std::size_t rows = values.size() / columns;
  input.dense = {rows, columns, std::move(values)};
  input.sparse = finite_of(input.dense);
  data::Frame frame{data::Signature{}};
  for (std::size_t i = 0; i < rows; ++i) frame.add_row();
  const std::vector<std::size_t> slots = {0};
  Buffer out;
  const auto state = step.make_state();
  TRY(step.run(Inputs(Window::all_of(frame), std::span(&input, 1), slots), out, state.get()));
  return out.dense.values;
}

// The same of rows that it takes.
inline std::vector<double> answer(const Step& step, std::size_t columns,
                                  std::vector<double> values) {
  auto given = run(step, columns, std::move(values));
  return given.ok() ? *given : std::vector<double>();
}

// Why it does not take them.
inline std::string refusal(const Step& step, std::size_t columns, std::vector<double> values) {
  const auto given = run(step, columns, std::move(values));
  return given.ok() ? "" : given.error().message();
}

}  // namespace plan::test_run
