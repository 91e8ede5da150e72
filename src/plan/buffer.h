#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "data/signature.h"

namespace plan {

// The forms in which rows pass from step to step. All of them keep their memory when they are
// filled again.
enum class Form : std::uint8_t { Dense, Sparse, Cells };

// rows x columns, row-major.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  void resize(std::size_t new_rows, std::size_t new_columns) {
    rows = new_rows;
    columns = new_columns;
    values.resize(rows * columns);
  }
  double* row(std::size_t i) { return values.data() + i * columns; }
  const double* row(std::size_t i) const { return values.data() + i * columns; }
};

// Compressed sparse rows. The order of a row's entries is the order in which sums over them are
// taken, so steps keep it as scikit-learn would have it.
struct SparseMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<std::size_t> starts;  // rows + 1
  std::vector<std::uint32_t> indices;
  std::vector<double> values;

  void clear(std::size_t new_columns) {
    rows = 0;
    columns = new_columns;
    starts.assign(1, 0);
    indices.clear();
    values.clear();
  }
  void push(std::size_t column, double value) {
    indices.push_back(static_cast<std::uint32_t>(column));
    values.push_back(value);
  }
  void end_row() {
    starts.push_back(indices.size());
    ++rows;
  }
  std::span<const std::uint32_t> row_indices(std::size_t i) const {
    return {indices.data() + starts[i], starts[i + 1] - starts[i]};
  }
  std::span<const double> row_values(std::size_t i) const {
    return {values.data() + starts[i], starts[i + 1] - starts[i]};
  }
  std::span<double> row_values(std::size_t i) {
    return {values.data() + starts[i], starts[i + 1] - starts[i]};
  }
};

// Memory of texts that one run makes; the next run overwrites it. What was written never moves.
class TextArena {
 public:
  void clear() {
    chunk_ = 0;
    used_ = 0;
  }
  // `bytes` of memory that stay until clear().
  char* reserve(std::size_t bytes);
  // Gives back the end of what was reserved last.
  void shrink(std::size_t unused) { used_ -= unused; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

// Columns of numbers and of texts side by side, as a data frame has them. A column is a view: of
// the request's frame, or of the storage below.
struct Cells {
  struct Column {
    data::ColumnType type = data::ColumnType::Number;
    std::span<const double> numbers;
    std::span<const std::string_view> texts;
  };
  std::size_t rows = 0;
  std::vector<Column> columns;
  std::vector<std::vector<double>> numbers;  // Storage of steps that change cells.
  std::vector<std::vector<std::string_view>> texts;
  TextArena arena;  // What texts of their own view.
};

// What one step leaves for the next: the member that the plan says is in use.
struct Buffer {
  Matrix dense;
  SparseMatrix sparse;
  Cells cells;
};

}  // namespace plan
