#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace table {

// One field as it stands in the text, without the quotes around it.
struct CsvField {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
  bool doubled = false;  // Holds quotes that are written twice.
};

// How the scan of one record ended.
enum class CsvScan : std::uint8_t {
  Record,        // A whole record.
  More,          // The text ends within the record.
  Unterminated,  // The text was all there is, and a quoted field is still open.
  AfterQuote,    // Something other than a delimiter or the line's end behind a closing quote.
  Columns,       // More fields than allowed.
};

struct CsvRecord {
  std::vector<CsvField> fields;
  std::size_t size = 0;   // Bytes of the record with the end of its line.
  std::size_t lines = 0;  // Ends of lines in it, its own included.
};

// Splits off the first record of `text` (RFC 4180; lines end with LF, CRLF or CR). A quote opens
// a quoted field only at the field's start; elsewhere it is a character. `ended`: nothing follows
// the text, so its end also ends the record. Precondition: `text` is not empty.
CsvScan scan_record(std::string_view text, char delimiter, bool ended, std::size_t fields_max,
                    CsvRecord& record);

// The field's value. Quotes that are doubled become single in place, over the field's own bytes.
std::string_view field_text(char* text, const CsvField& field);

}  // namespace table
