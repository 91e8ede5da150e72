#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/signature.h"
#include "plan/step.h"

namespace plan {

// The columns that a cell function reads.
class CellSource {
 public:
  CellSource(const Inputs& in, std::span<const std::size_t> columns) : in_(in), columns_(columns) {}
  std::size_t rows() const { return in_.rows(); }
  std::size_t count() const { return columns_.size(); }
  const Cells::Column& operator[](std::size_t i) const { return in_[0].cells.columns[columns_[i]]; }
  std::size_t row_of_request(std::size_t row) const { return in_.row_of_request(row); }

 private:
  const Inputs& in_;
  std::span<const std::size_t> columns_;
};

// Where a cell function writes its column.
class CellTarget {
 public:
  // Exactly one of these, once in a run: room for all rows.
  std::span<double> numbers(std::size_t rows);
  std::span<std::string_view> texts(std::size_t rows);
  // A copy of the text that stays as long as the cells; never that of a missing one.
  std::string_view keep(std::string_view text);

 private:
  friend class MapCells;
  CellTarget(Cells& cells, std::size_t column) : cells_(cells), column_(column) {}
  Cells& cells_;
  std::size_t column_;
};

// One column of cells made of one or several, row by row. Immutable, like a step.
class CellFunction {
 public:
  CellFunction() = default;
  CellFunction(const CellFunction&) = delete;
  CellFunction& operator=(const CellFunction&) = delete;
  virtual ~CellFunction() = default;

  virtual data::ColumnType type() const = 0;
  virtual std::string describe() const = 0;
  virtual std::unique_ptr<State> make_state() const { return nullptr; }
  virtual base::Result<void> run(const CellSource& from, CellTarget& to, State* state) const = 0;
  virtual double row_ns() const { return 20; }
};

// Cells to cells: each column of the output is a function of columns of the input, or a column
// that stays.
class MapCells final : public Step {
 public:
  struct Part {
    std::shared_ptr<const CellFunction> function;  // Null: the one column stays.
    std::vector<std::size_t> columns;
  };
  explicit MapCells(std::vector<Part> parts) : parts_(std::move(parts)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  struct States;
  std::vector<Part> parts_;
};

}  // namespace plan
