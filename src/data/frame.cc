#include "data/frame.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace data {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
// Numbers of one block, where a row has not more.
constexpr std::size_t kBlockCells = std::size_t{64} * 1024;

}  // namespace

Frame::Frame(const Signature& signature) {
  for (const Column& column : signature.columns) {
    types_.push_back(column.type);
    const bool is_number = column.type == ColumnType::Number;
    if (is_number && column.optional) optional_.push_back(width_);
    places_.push_back(static_cast<std::uint32_t>(is_number ? width_++ : texts_.size()));
    if (!is_number) texts_.emplace_back();
  }
  const std::size_t rows = std::max<std::size_t>(1, kBlockCells / std::max<std::size_t>(1, width_));
  block_shift_ = static_cast<unsigned>(std::bit_width(rows) - 1);
  block_mask_ = (std::size_t{1} << block_shift_) - 1;
}

void Frame::clear() {
  for (auto& block : blocks_) block.clear();
  for (auto& texts : texts_) texts.clear();
  borrowed_.clear();
  rows_ = 0;
  number_rows_ = 0;
  chunk_ = 0;
  used_ = 0;
}

std::size_t Frame::add_row() { return add_rows(1); }

std::size_t Frame::add_rows(std::size_t count) {
  const std::size_t first = rows_;
  rows_ += count;
  make_numbers();
  for (auto& texts : texts_) texts.resize(rows_, kMissingText);
  return first;
}

void Frame::make_column(std::size_t column) {
  if (types_[column] == ColumnType::Text) {
    texts_[places_[column]].resize(rows_, kMissingText);
  } else if (!is_borrowed(column)) {
    make_numbers();
  }
}

// All columns of numbers at once; the places of borrowed ones stay unused.
void Frame::make_numbers() {
  if (width_ == 0) return;
  const std::size_t first = number_rows_;
  while (number_rows_ < rows_) {
    const std::size_t block = number_rows_ >> block_shift_;
    const std::size_t before = number_rows_ & block_mask_;
    const std::size_t count = std::min(rows_ - number_rows_, block_mask_ + 1 - before);
    if (block == blocks_.size()) blocks_.emplace_back();
    // Only the first grows with its rows: most requests have few.
    if (block > 0) blocks_[block].reserve((block_mask_ + 1) * width_);
    blocks_[block].resize((before + count) * width_, kMissingNumber);
    number_rows_ += count;
  }
  if (!optional_.empty()) fill_optional(first);
}

void Frame::fill_optional(std::size_t first) {
  for (std::size_t row = first; row < number_rows_; ++row) {
    for (const std::size_t place : optional_) numbers_of(row)[place] = 0;
  }
}

void Frame::borrow_numbers(std::size_t column, Datatype type, const char* first, std::size_t step) {
  borrowed_.resize(types_.size());
  borrowed_[column] = {type, first, step};
}

double Frame::number(std::size_t row, std::size_t column) const {
  double value = 0;
  read_numbers(column, row, 1, &value);
  return value;
}

void Frame::read_numbers(std::size_t column, std::size_t row, std::size_t count, double* to) const {
  read_numbers(std::span<const std::size_t>(&column, 1), row, count, to);
}

void Frame::read_numbers(std::span<const std::size_t> columns, std::size_t row, std::size_t count,
                         double* to) const {
  // A frame without numbers has no block of them to look into.
  if (columns.empty()) return;
  if (borrowed_.empty()) return read_own(columns, row, count, to);
  for (std::size_t k = 0; k < columns.size();) {
    const std::size_t together = lie_together(columns.subspan(k));
    const Borrowed& from = borrowed_[columns[k]];
    for (std::size_t i = 0; i < count; ++i) {
      double* cells = to + i * columns.size() + k;
      if (from.first == nullptr) {
        *cells = numbers_of(row + i)[places_[columns[k]]];
      } else {
        read_borrowed(from.type, from.first + (row + i) * from.step, together, cells);
      }
    }
    k += together;
  }
}

// Mostly all columns are asked for, or neighbours, and then a row is copied as a whole.
void Frame::read_own(std::span<const std::size_t> columns, std::size_t row, std::size_t count,
                     double* to) const {
  const std::uint32_t* const places = places_.data();
  const std::size_t first = places[columns.front()];
  const std::size_t width = columns.size();
  bool neighbours = true;
  for (std::size_t k = 0; k < width; ++k) neighbours &= places[columns[k]] == first + k;
  for (std::size_t i = 0; i < count; ++i, to += width) {
    const double* const cells = numbers_of(row + i);
    if (neighbours) {
      std::memcpy(to, cells + first, width * sizeof *to);
    } else {
      for (std::size_t k = 0; k < width; ++k) to[k] = cells[places[columns[k]]];
    }
  }
}

// How many of them, from the first on, are borrowed and stand side by side, as a tensor of rows has
// them; at least one.
std::size_t Frame::lie_together(std::span<const std::size_t> columns) const {
  const Borrowed& first = borrowed_[columns.front()];
  std::size_t count = 1;
  if (first.first == nullptr) return count;
  const std::size_t bytes = datatype_bytes(first.type);
  for (; count < columns.size(); ++count) {
    const Borrowed& next = borrowed_[columns[count]];
    if (next.first != first.first + count * bytes || next.type != first.type ||
        next.step != first.step) {
      break;
    }
  }
  return count;
}

void Frame::read_borrowed(Datatype type, const char* from, std::size_t count, double* to) {
  // The type that most send, without a choice for each cell.
  if (type == Datatype::Fp32) {
    for (std::size_t i = 0; i < count; ++i) {
      float value = 0;
      std::memcpy(&value, from + i * sizeof value, sizeof value);
      to[i] = static_cast<double>(value);
    }
    return;
  }
  const std::size_t bytes = datatype_bytes(type);
  for (std::size_t i = 0; i < count; ++i) to[i] = read_number(type, from + i * bytes);
}

std::size_t Frame::copied_bytes() const {
  std::size_t sum = 0;
  for (const Chunk& chunk : chunks_) sum += chunk.size;
  return sum;
}

void Frame::copy_text(std::size_t row, std::size_t column, std::string_view text) {
  if (text.empty()) return set_text(row, column, text);
  char* copy = reserve(text.size());
  std::memcpy(copy, text.data(), text.size());
  set_text(row, column, {copy, text.size()});
}

char* Frame::reserve(std::size_t bytes) {
  while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < bytes) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(kChunkBytes, bytes);
    chunks_.push_back({std::make_unique<char[]>(size), size});
  }
  char* at = chunks_[chunk_].bytes.get() + used_;
  used_ += bytes;
  return at;
}

}  // namespace data
