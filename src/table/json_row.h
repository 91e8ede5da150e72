#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <simdjson.h>

#include "base/result.h"
#include "data/frame.h"
#include "data/signature.h"
#include "table/json_numbers.h"

namespace table {

// What simdjson says of a document that is not JSON.
base::Error json_error(simdjson::error_code code);

// Reads rows that were sent as JSON into a frame: an object by column names, or an array in the
// signature's order. Made once for a signature and reused; once warm it allocates nothing, and
// it is fastest where rows name their columns in the same order each time. One thread at a time.
//
// null is a missing cell, false and true are the numbers 0 and 1, and every number is the float64
// nearest to what is written. Refuses a text for a number and a number for a text, NaN and
// infinity (but see Options), unknown names (but see drop_unknown), repeated ones, a required
// column that is not there, and malformed JSON. What it has read of a row it refuses stays in the
// frame.
//
// Where a column holds JSON, that may be a text, or an object or array of the request as it stands;
// where that column is the whole row, the row is it. Of what stands there only the end is looked
// for: whoever reads it refuses it.
class RowReader {
 public:
  struct Options {
    // false: texts are views into the parser's buffer and live until it parses again.
    bool copy_texts = false;
    // Whether errors start with the row: `row 3, column "age": ...`, rows counted from 0.
    bool name_rows = true;
    // Whether the bare words NaN, Infinity and -Infinity are numbers, as Python's json writes them.
    bool accept_nan = false;
    // Whether a text may come as {"b64": "..."}: its bytes, which have to be UTF-8, in base64.
    bool accept_base64 = false;
  };
  static constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

  RowReader(data::Signature signature, Options options);
  explicit RowReader(data::Signature signature);
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // Whether objects may have columns that the signature has not, whose cells are then left out
  // unread. Else, and at first, they are refused.
  void drop_unknown(bool drop) { drop_unknown_ = drop || signature_.open; }
  bool drops_unknown() const { return drop_unknown_; }

  // Fills the row, which frame.add_row() has just added. Precondition: the frame is of the same
  // signature.
  base::Result<void> read_object(simdjson::ondemand::object object, data::Frame& frame,
                                 std::size_t row);
  base::Result<void> read_array(simdjson::ondemand::array array, data::Frame& frame,
                                std::size_t row);
  // Whether the one column of the signature is the row itself.
  bool takes_whole() const { return takes_whole_; }
  // Whichever of the three it is.
  base::Result<void> read_row(simdjson::ondemand::value value, data::Frame& frame, std::size_t row);
  // One cell, for those who send columns. Precondition: column < signature().columns.size().
  base::Result<void> read_cell(simdjson::ondemand::value value, data::Frame& frame, std::size_t row,
                               std::size_t column);

  // A text's object {"b64": "..."}; where the column is not binary, of UTF-8. Precondition: the
  // column is of texts.
  base::Result<void> read_base64(simdjson::ondemand::object object, data::Frame& frame,
                                 std::size_t row, std::size_t column);

  const data::Signature& signature() const { return signature_; }

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };
  base::Result<std::size_t> find_column(simdjson::ondemand::field& field, std::size_t position,
                                        std::size_t row);
  base::Result<void> take_cell(simdjson::ondemand::value& value, data::Frame& frame,
                               std::size_t row, std::size_t column) {
    // Whatever stands in a column that nothing reads stays unread.
    if (kinds_[column] == Kind::Unused) return {};
    if (kinds_[column] == Kind::Number) {
      double number = 0;
      if (read_number(value.raw_json_token().data(), number)) {
        frame.set_number(row, column, number);
        return {};
      }
    } else if (kinds_[column] == Kind::Text) {
      std::string_view text;
      if (value.get_string().get(text) == simdjson::SUCCESS) {
        set_text(frame, row, column, text);
        return {};
      }
    }
    return take_other(value, frame, row, column);
  }
  // Whether the row is an array of numbers alone, and is read. If not, some may be in the frame.
  bool read_numbers_row(simdjson::ondemand::value& value, data::Frame& frame,
                        std::size_t row) const;
  base::Result<void> take_other(simdjson::ondemand::value& value, data::Frame& frame,
                                std::size_t row, std::size_t column);
  void set_text(data::Frame& frame, std::size_t row, std::size_t column, std::string_view text);
  base::Result<void> take_json(simdjson::ondemand::value& value, data::Frame& frame,
                               std::size_t row, std::size_t column);
  // The text of an object or array.
  template <typename Unfolding>
  base::Result<void> take_raw(Unfolding& value, data::Frame& frame, std::size_t row,
                              std::size_t column) {
    std::string_view json;
    if (const auto error = value.raw_json().get(json)) return at(row, json_error(error));
    set_text(frame, row, column, json);
    return {};
  }
  base::Result<void> check_complete(std::size_t row) const;
  base::Error at(std::size_t row, base::Error error) const;

  // What of a column is asked for each cell.
  enum class Kind : std::uint8_t { Unused, Number, Text, Binary };

  data::Signature signature_;
  std::vector<Kind> kinds_;
  Options options_;
  bool drop_unknown_ = false;
  bool all_numbers_ = true;
  bool takes_whole_ = false;
  std::unordered_map<std::string, std::size_t, NameHash, std::equal_to<>> by_name_;
  std::vector<bool> plain_;             // Names that JSON writes as they are.
  std::vector<std::size_t> order_;      // Columns in the order in which the last row named them.
  std::vector<std::uint64_t> seen_in_;  // The number of the row that last named each column.
  std::uint64_t row_number_ = 0;
  std::size_t required_ = 0;
};

// Whether nothing follows what was read of the document; on-demand parsing does not look by itself.
bool is_at_end(simdjson::ondemand::document& document);

}  // namespace table
