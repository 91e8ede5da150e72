#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "base/result.h"
#include "data/frame.h"

namespace table {

// What a table may ask of memory. Checked before the memory is taken.
struct Limits {
  std::size_t row_bytes = std::size_t{64} << 20U;
  std::size_t field_bytes = std::size_t{16} << 20U;
  std::size_t columns = 100'000;
};

// Rows one block at a time, whatever they are written in. Its memory is that of one block.
class RowSource {
 public:
  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;

  // Clears the frame, fills it with the next rows, at most `rows_max`, and says how many came: 0
  // at the end. Texts live until the frame is cleared. After an error it is at its end.
  virtual base::Result<std::size_t> read(data::Frame& frame, std::size_t rows_max) = 0;

  // The place in the input of a row of the last block, for messages: "rows.csv:17".
  virtual std::string place(std::size_t row) const = 0;
};

}  // namespace table
