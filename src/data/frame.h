#pragma once

#include <cstddef>
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

// Rows of a request under one signature, column by column. Made once and reused: clear() keeps
// the memory, so filling it again allocates nothing. Texts are views: set_text trusts that the
// bytes outlive the use, copy_text keeps its own; so are the numbers of borrow_numbers. One thread
// at a time.
class Frame {
 public:
  explicit Frame(const Signature& signature);

  void clear();
  // Adds one row, every cell missing, and gives its index.
  std::size_t add_row();
  // Adds as many, and gives the index of the first.
  std::size_t add_rows(std::size_t count);
  // Of a frame without rows: so many, of which each column is then made, all missing, or borrowed,
  // before anything is read or set in it.
  void set_rows(std::size_t count) { rows_ = count; }
  // Does nothing to a column that is made or borrowed.
  void make_column(std::size_t column);
  // The cells of a column of numbers are where they came: of one type, each `step` bytes behind the
  // one before, little-endian.
  void borrow_numbers(std::size_t column, Datatype type, const char* first, std::size_t step);

  // Preconditions: row < rows(), and the column has that type.
  void set_number(std::size_t row, std::size_t column, double value) {
    columns_[column].numbers[row] = value;
  }
  void set_text(std::size_t row, std::size_t column, std::string_view text) {
    // NOLINTNEXTLINE(bugprone-string-constructor): empty, yet not missing.
    columns_[column].texts[row] = text.data() == nullptr ? std::string_view("", 0) : text;
  }
  void copy_text(std::size_t row, std::size_t column, std::string_view text);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_.size(); }
  ColumnType type(std::size_t column) const { return columns_[column].type; }
  bool is_borrowed(std::size_t column) const { return columns_[column].borrowed.first != nullptr; }
  // Writes `count` numbers of a column from a row on, `step` cells apart.
  void read_numbers(std::size_t column, std::size_t row, std::size_t count, double* to,
                    std::size_t step) const;
  // Precondition: is not borrowed.
  std::span<const double> numbers(std::size_t column) const { return columns_[column].numbers; }
  std::span<const std::string_view> texts(std::size_t column) const {
    return columns_[column].texts;
  }

 private:
  struct Borrowed {
    Datatype type = Datatype::Fp64;
    const char* first = nullptr;
    std::size_t step = 0;
  };
  struct Cells {
    ColumnType type;
    std::vector<double> numbers;
    std::vector<std::string_view> texts;
    Borrowed borrowed;
  };
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  char* reserve(std::size_t bytes);

  std::vector<Cells> columns_;
  std::size_t rows_ = 0;
  std::vector<Chunk> chunks_;  // Copied texts; a chunk never moves.
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

}  // namespace data
