#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "data/datatype.h"
#include "data/signature.h"

namespace data {

// A missing text (None or NaN in the frame scikit-learn would see); an empty text has data().
inline constexpr std::string_view kMissingText{};
inline bool is_missing(std::string_view text) { return text.data() == nullptr; }
inline constexpr double kMissingNumber = std::numeric_limits<double>::quiet_NaN();

// Rows of a request under one signature. A cell that nobody fills is missing, or of an optional
// column of numbers 0. Numbers lie row by row, as most requests bring them and
// most models read them; texts column by column. Made once and reused: clear() keeps the memory, so
// filling it again allocates nothing. Texts are views: set_text trusts that the bytes outlive the
// use, copy_text keeps its own; so are the numbers of borrow_numbers. One thread at a time.
class Frame {
 public:
  explicit Frame(const Signature& signature);

  void clear();
  // Adds one row, no cell filled, and gives its index.
  std::size_t add_row();
  // Adds as many, and gives the index of the first.
  std::size_t add_rows(std::size_t count);
  // Of a frame without rows: so many, of which each column is then made, no cell filled, or
  // borrowed, before anything is read or set in it.
  void set_rows(std::size_t count) { rows_ = count; }
  // Does nothing to a column that is made or borrowed.
  void make_column(std::size_t column);
  // The cells of a column of numbers are where they came: of one type, each `step` bytes behind the
  // one before, little-endian.
  void borrow_numbers(std::size_t column, Datatype type, const char* first, std::size_t step);

  // Preconditions: row < rows(), and the column has that type.
  void set_number(std::size_t row, std::size_t column, double value) {
    numbers_of(row)[places_[column]] = value;
  }
  void set_text(std::size_t row, std::size_t column, std::string_view text) {
    // NOLINTNEXTLINE(bugprone-string-constructor): empty, yet not missing.
    texts_[places_[column]][row] = text.data() == nullptr ? std::string_view("", 0) : text;
  }
  void copy_text(std::size_t row, std::size_t column, std::string_view text);

  // Memory that is kept for texts of its own.
  std::size_t copied_bytes() const;

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return types_.size(); }
  ColumnType type(std::size_t column) const { return types_[column]; }
  bool is_borrowed(std::size_t column) const {
    return !borrowed_.empty() && borrowed_[column].first != nullptr;
  }
  // Precondition: the column is of numbers, made or borrowed.
  double number(std::size_t row, std::size_t column) const;
  // Writes `count` numbers of a column from a row on, one behind the other.
  void read_numbers(std::size_t column, std::size_t row, std::size_t count, double* to) const;
  // Writes those columns of `count` rows, row by row.
  void read_numbers(std::span<const std::size_t> columns, std::size_t row, std::size_t count,
                    double* to) const;
  std::span<const std::string_view> texts(std::size_t column) const {
    return texts_[places_[column]];
  }

 private:
  struct Borrowed {
    Datatype type = Datatype::Fp64;
    const char* first = nullptr;
    std::size_t step = 0;
  };
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  const double* numbers_of(std::size_t row) const {
    return blocks_[row >> block_shift_].data() + (row & block_mask_) * width_;
  }
  double* numbers_of(std::size_t row) {
    return blocks_[row >> block_shift_].data() + (row & block_mask_) * width_;
  }
  void make_numbers();
  void fill_optional(std::size_t first);
  void read_own(std::span<const std::size_t> columns, std::size_t row, std::size_t count,
                double* to) const;
  std::size_t lie_together(std::span<const std::size_t> columns) const;
  static void read_borrowed(Datatype type, const char* from, std::size_t count, double* to);
  char* reserve(std::size_t bytes);

  std::vector<ColumnType> types_;
  std::vector<std::uint32_t> places_;  // Of each column, among those of its type.
  std::size_t rows_ = 0;
  // The numbers of `block_mask_` + 1 rows each, so that many rows are never moved.
  std::vector<std::vector<double>> blocks_;
  std::size_t width_ = 0;              // Columns of numbers.
  std::vector<std::size_t> optional_;  // Places of those that may be omitted.
  unsigned block_shift_ = 0;
  std::size_t block_mask_ = 0;
  std::size_t number_rows_ = 0;     // That stand in blocks.
  std::vector<Borrowed> borrowed_;  // By column; empty until one is.
  std::vector<std::vector<std::string_view>> texts_;
  std::vector<Chunk> chunks_;  // Copied texts; a chunk never moves.
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

}  // namespace data
