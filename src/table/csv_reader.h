#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/signature.h"
#include "table/csv_record.h"
#include "table/row_source.h"
#include "table/window.h"

namespace table {

// Whether a CSV has a line of names first. Guessed: it has where one of its first fields is the
// name of a column; else its fields are the signature's columns in their order.
enum class CsvHeader : std::uint8_t { Expected, Guessed };

// CSV with a header line, as pandas.read_csv reads it with its defaults: quoted fields with line
// ends and doubled quotes in them, LF or CRLF, a byte order mark, blank lines passed over, and
// pandas' words for a missing value. Columns are bound by name; those that the signature does
// not know are left alone.
//
// Refuses, with the line: text that is not UTF-8, a quote that nobody closes, rows longer or
// shorter than the header, columns that are missing or there twice, and cells that do not fit.
class CsvReader final : public RowSource {
 public:
  // Reads the header. `name` is what messages call the input: "rows.csv". The source must outlive
  // the reader.
  static base::Result<std::unique_ptr<CsvReader>> open(std::string name, Source& source,
                                                       const data::Signature& signature,
                                                       char delimiter = ',',
                                                       const Limits& limits = {},
                                                       CsvHeader header = CsvHeader::Expected);

  base::Result<std::size_t> read(data::Frame& frame, std::size_t rows_max) override;
  std::string place(std::size_t row) const override;

  // Columns of the file that the signature does not know.
  std::span<const std::string> ignored() const { return ignored_; }

 private:
  // Where a column of the file goes.
  struct Binding {
    std::size_t field = 0;
    std::size_t column = 0;
  };

  CsvReader(std::string name, Source& source, data::Signature signature, char delimiter,
            const Limits& limits);
  base::Result<void> read_header(CsvHeader header);
  std::vector<std::string> names_of_record() const;
  bool names_a_column(std::span<const std::string> names) const;
  base::Result<void> bind(std::span<const std::string> names);
  base::Result<bool> next_record();
  base::Error scan_error(CsvScan scan) const;
  base::Result<void> check_text() const;
  base::Result<void> read_row(data::Frame& frame);
  base::Error at_line(std::uint64_t line, base::Error error) const;

  std::string name_;
  data::Signature signature_;
  char delimiter_;
  Limits limits_;
  Window window_;
  CsvRecord record_;
  std::vector<Binding> bindings_;
  std::vector<std::string> ignored_;
  std::size_t width_ = 0;
  std::uint64_t line_ = 0;  // Where the record starts.
  std::uint64_t next_line_ = 1;
  std::vector<std::uint64_t> lines_;  // Of the rows of the last block.
  bool ended_ = false;
};

}  // namespace table
