#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/codec.h"
#include "data/datatype.h"

namespace contract {

constexpr std::size_t kRankMax = 8;

// What a tensor says of itself, before its data.
struct TensorHead {
  std::string_view name;
  data::Datatype datatype = data::Datatype::Fp64;
  std::array<std::uint64_t, kRankMax> extents{};
  std::size_t rank = 0;

  std::span<const std::uint64_t> shape() const { return {extents.data(), rank}; }
  // The product of the shape; UINT64_MAX where that is more.
  std::uint64_t elements() const;
  // Refuses a dimension too many.
  base::Result<void> add_extent(std::uint64_t extent);
};

base::Error bad_tensor(std::string_view name, std::string_view problem);

// Elements in binary: whether there are as many bytes as the numbers take; and, of texts, each its
// length in four bytes and its bytes, the next of which is taken, and whether one more follows.
base::Result<void> check_binary_size(const TensorHead& head, std::string_view bytes);
base::Result<std::string_view> take_binary_text(const TensorHead& head, std::uint64_t at,
                                                std::string_view& bytes);
base::Result<void> check_no_more(const TensorHead& head, std::string_view bytes);

// Fills an Ask's frame with tensors, whatever protocol they came in: one tensor a column, of shape
// [n] or [n, 1], or, where all columns are of one type, one of shape [n, columns] of any name.
class TensorInput {
 public:
  // Where a tensor's elements go: each to a row of its column, or row by row over all columns.
  struct Target {
    std::size_t column = 0;
    std::size_t width = 1;
    bool unread = false;  // Of a column that nothing reads: whatever came stays where it is.
  };

  // The cell of a target that the next element goes to.
  class Cell {
   public:
    explicit Cell(const Target& target)
        : first_(target.column), end_(target.column + target.width), column_(first_) {}
    std::size_t row() const { return row_; }
    std::size_t column() const { return column_; }
    Cell& operator++() {
      if (++column_ == end_) {
        column_ = first_;
        ++row_;
      }
      return *this;
    }

   private:
    std::size_t first_;
    std::size_t end_;
    std::size_t column_;
    std::size_t row_ = 0;
  };

  // How a message lists elements, and what errors call its parts.
  struct List {
    std::string_view name;      // "\"contents\": ", or empty.
    std::string_view shape;     // "\"shape\""
    bool repeats_last = false;  // There may be fewer, of which the last stands for the rest.
  };

  static base::Result<void> check_count(const TensorHead& head, std::uint64_t given,
                                        const List& list);
  // Where the element stands in a list of so many; behind the last, the last.
  static int element_of(std::uint64_t at, int given) {
    return static_cast<int>(std::min(at, static_cast<std::uint64_t>(given) - 1));
  }

  // `elements_max`: no request of this size can hold more. Memory is taken before the elements are
  // seen, so it is bounded by that.
  TensorInput(Ask& ask, std::uint64_t elements_max)
      : ask_(ask), elements_max_(elements_max), seen_(ask.offer.inputs().columns.size()) {}

  // Where the tensor goes.
  base::Result<Target> begin(const TensorHead& head);
  // Makes room for elements that are then set one by one in the frame.
  void make_room(const Target& target);
  // Its elements in binary, which the frame then refers to: little-endian, row by row; a text is
  // its length in four bytes and its bytes.
  base::Result<void> fill_binary(const TensorHead& head, const Target& target,
                                 std::string_view bytes);
  // Its elements as a message lists them: numbers, each as `number_of` has it, or texts, which
  // outlive the ask.
  template <typename Values, typename NumberOf>
  base::Result<void> fill_numbers(const TensorHead& head, const Target& target,
                                  const Values& values, const List& list,
                                  const NumberOf& number_of) {
    if (target.unread) return {};
    TRY(check_count(head, static_cast<std::uint64_t>(values.size()), list));
    make_room(target);
    const std::uint64_t elements = head.elements();
    Cell cell(target);
    for (std::uint64_t at = 0; at < elements; ++at, ++cell) {
      const double number = number_of(values.Get(element_of(at, values.size())));
      TRY(check_number(head, at, number));
      ask_.frame.set_number(cell.row(), cell.column(), number);
    }
    return {};
  }
  template <typename Values>
  base::Result<void> fill_texts(const TensorHead& head, const Target& target, const Values& values,
                                const List& list) {
    if (target.unread) return {};
    TRY(check_count(head, static_cast<std::uint64_t>(values.size()), list));
    make_room(target);
    const std::uint64_t elements = head.elements();
    Cell cell(target);
    for (std::uint64_t at = 0; at < elements; ++at, ++cell) {
      TRY(set_text(head, cell, at, values.Get(element_of(at, values.size()))));
    }
    return {};
  }
  // After the last: whether every column that is needed has come. The others are missing.
  base::Result<void> finish();

 private:
  base::Result<Target> begin_matrix(const TensorHead& head);
  base::Result<Target> begin_unread(const TensorHead& head, std::size_t column);
  base::Result<void> check_type(const TensorHead& head, data::ColumnType expected) const;
  base::Result<void> set_rows(const TensorHead& head, std::uint64_t rows);
  base::Result<void> fill_binary_texts(const TensorHead& head, const Target& target,
                                       std::string_view bytes);
  // Refuses what is not finite, unless it is accepted.
  base::Result<void> check_number(const TensorHead& head, std::uint64_t at, double number) const {
    if (ask_.offer.numbers().accept_nan || std::isfinite(number)) return {};
    return not_finite(head, at, number);
  }
  static base::Error not_finite(const TensorHead& head, std::uint64_t at, double number);
  base::Result<void> check_numbers(const TensorHead& head, std::string_view bytes) const;
  base::Result<void> set_text(const TensorHead& head, const Cell& cell, std::uint64_t at,
                              std::string_view text);

  Ask& ask_;
  std::uint64_t elements_max_;
  std::vector<bool> seen_;
  std::optional<std::uint64_t> rows_;
};

}  // namespace contract
