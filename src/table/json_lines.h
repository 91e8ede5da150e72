#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "table/json_row.h"
#include "table/row_source.h"
#include "table/window.h"

namespace table {

// JSON lines: on each line one row, an object by column names or an array in the signature's
// order, as RowReader takes it. Blank lines are passed over; a byte order mark may come first.
class JsonLinesReader final : public RowSource {
 public:
  // `name` is what messages call the input: "rows.jsonl". The source must outlive the reader.
  JsonLinesReader(std::string name, Source& source, data::Signature signature,
                  const Limits& limits = {});

  // As RowReader has it.
  void drop_unknown(bool drop) { rows_.drop_unknown(drop); }

  base::Result<std::size_t> read(data::Frame& frame, std::size_t rows_max) override;
  std::string place(std::size_t row) const override;

 private:
  base::Result<bool> next_line(std::string_view& line);
  base::Result<void> read_line(std::string_view line, data::Frame& frame);

  std::string name_;
  RowReader rows_;
  Limits limits_;
  Window window_;
  simdjson::ondemand::parser parser_;
  std::vector<std::uint64_t> lines_;  // Of the rows of the last block.
  std::uint64_t line_ = 0;
  bool ended_ = false;
};

}  // namespace table
