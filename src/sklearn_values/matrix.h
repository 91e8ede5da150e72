#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "plan/buffer.h"
#include "sklearn_values/words.h"

namespace sklearn {

// A two-dimensional attribute as numbers of our own. It may have no rows, and then counts the
// columns that it claims against what the reader may spend.
base::Result<plan::Matrix> read_matrix(const Object& object, std::string_view attribute,
                                       Reader& reader);
// The same of `rows` x `columns`.
base::Result<plan::Matrix> read_matrix(const Object& object, std::string_view attribute,
                                       std::size_t rows, std::size_t columns);
plan::Matrix transposed(const plan::Matrix& matrix);
// Solves square x = right side, row by row of the right side's columns, by elimination; nothing
// where there is no one solution.
std::optional<plan::Matrix> solve(plan::Matrix square, plan::Matrix right);

// A SciPy matrix. What is laid out by column costs memory that the file need not hold, so the
// columns are counted against what the reader may spend.
base::Result<plan::SparseMatrix> read_csr(const Object& object, std::string_view attribute,
                                          Reader& reader);

}  // namespace sklearn
