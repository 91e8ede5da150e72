#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace data {

// What a cell of an input column holds. A number is float64: integers are exact up to 2^53, false
// and true are 0 and 1, a missing number is NaN.
enum class ColumnType : std::uint8_t { Number, Text };

std::string_view column_type_name(ColumnType type);

inline constexpr std::size_t kCategoriesMax = 1000;

// What a cell holds that is no single value, written as JSON.
enum class Json : std::uint8_t {
  None,
  Object,   // {"a": 1.5, "b": "x"}
  Pairs,    // [["a", 1.5], ["b", "x"]]
  Strings,  // ["a", "b"]
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::Number;
  bool used = true;  // false: the model was fitted with it but nothing reads it; rows may omit it.
  // What an encoder has seen in it, as texts, the first kCategoriesMax; empty: nobody knows.
  std::vector<std::string> categories;
  // A text that may be any bytes, such as a picture: base64 where the form has texts alone.
  bool binary = false;
  // Rows may omit it although it is read: its number is then 0, its text missing.
  bool optional = false;
  // A text of JSON, which stands as it is where rows are JSON; `whole`: in place of the row.
  Json json = Json::None;
  bool whole = false;

  bool required() const { return used && !optional; }
  bool operator==(const Column&) const = default;
};

// The classes of a classifier, in scikit-learn's order (classes_).
using Labels = std::variant<std::monostate, std::vector<std::int64_t>, std::vector<double>,
                            std::vector<bool>, std::vector<std::string>>;

std::size_t label_count(const Labels& labels);
// The label as Python's str() writes it.
std::string label_text(const Labels& labels, std::size_t index);

// What a client sends: the columns of one row, in the order the model was fitted with.
struct Signature {
  std::vector<Column> columns;
  // Rows may have other columns, which say nothing to the model.
  bool open = false;

  std::optional<std::size_t> find(std::string_view name) const;
  bool operator==(const Signature&) const = default;
};

}  // namespace data
