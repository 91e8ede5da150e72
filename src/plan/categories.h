#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/signature.h"
#include "plan/buffer.h"

namespace plan {

// The categories of one column, each with a code. Lookup allocates nothing. None, NaN and an
// absent text are one and the same: missing.
class Categories {
 public:
  static Categories of_numbers(const std::vector<std::pair<double, std::int32_t>>& codes);
  static Categories of_texts(std::vector<std::pair<std::string, std::int32_t>> codes);

  // The code of a missing value, where missing is a category.
  void set_missing(std::int32_t code) { missing_ = code; }

  data::ColumnType type() const { return type_; }
  std::size_t size() const { return numbers_.size() + texts_.size() + (missing_ ? 1 : 0); }

  // The categories as texts in the order of their codes, the first `most` of them. Missing is none.
  std::vector<std::string> texts(std::size_t most) const;

  // One that `other` has not, as a message shows it.
  std::optional<std::string> find_beyond(const Categories& other) const;
  // These with the codes that `other` has for them; without those that it has not.
  Categories recoded(const Categories& other) const;

  // The code of the cell in `row`, or nothing for an unknown category.
  std::optional<std::int32_t> find(const Cells::Column& column, std::size_t row) const {
    return type_ == data::ColumnType::Number ? find(column.numbers[row]) : find(column.texts[row]);
  }
  std::optional<std::int32_t> find(double number) const;
  std::optional<std::int32_t> find(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  data::ColumnType type_ = data::ColumnType::Number;
  std::vector<std::pair<double, std::int32_t>> numbers_;  // Ascending.
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> texts_;
  std::optional<std::int32_t> missing_;
};

// The cell as a message shows it.
std::string cell_text(const Cells::Column& column, std::size_t row);

}  // namespace plan
