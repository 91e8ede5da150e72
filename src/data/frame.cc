#include "data/frame.h"

#include <algorithm>
#include <cstring>

namespace data {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;

}  // namespace

Frame::Frame(const Signature& signature) {
  columns_.reserve(signature.columns.size());
  for (const Column& column : signature.columns) columns_.push_back({column.type, {}, {}, {}});
}

void Frame::clear() {
  for (Cells& cells : columns_) {
    cells.numbers.clear();
    cells.texts.clear();
    cells.borrowed = {};
  }
  rows_ = 0;
  chunk_ = 0;
  used_ = 0;
}

std::size_t Frame::add_row() {
  for (Cells& cells : columns_) {
    if (cells.type == ColumnType::Number) {
      cells.numbers.push_back(kMissingNumber);
    } else {
      cells.texts.push_back(kMissingText);
    }
  }
  return rows_++;
}

std::size_t Frame::add_rows(std::size_t count) {
  const std::size_t first = rows_;
  rows_ += count;
  for (std::size_t c = 0; c < columns_.size(); ++c) make_column(c);
  return first;
}

void Frame::make_column(std::size_t column) {
  Cells& cells = columns_[column];
  if (cells.type == ColumnType::Text) {
    cells.texts.resize(rows_, kMissingText);
  } else if (cells.borrowed.first == nullptr) {
    cells.numbers.resize(rows_, kMissingNumber);
  }
}

void Frame::borrow_numbers(std::size_t column, Datatype type, const char* first, std::size_t step) {
  columns_[column].borrowed = {type, first, step};
}

void Frame::read_numbers(std::size_t column, std::size_t row, std::size_t count, double* to,
                         std::size_t step) const {
  const Borrowed& from = columns_[column].borrowed;
  if (from.first == nullptr) {
    const double* cells = columns_[column].numbers.data() + row;
    for (std::size_t i = 0; i < count; ++i) to[i * step] = cells[i];
    return;
  }
  const char* at = from.first + row * from.step;
  // The type that most send, without a choice for each cell.
  if (from.type == Datatype::Fp32) {
    for (std::size_t i = 0; i < count; ++i) {
      float value = 0;
      std::memcpy(&value, at + i * from.step, sizeof(value));
      to[i * step] = static_cast<double>(value);
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    to[i * step] = read_number(from.type, at + i * from.step);
  }
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
