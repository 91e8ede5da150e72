// JSON lines from their first byte, as objects and as arrays; every text that is read is UTF-8, and
// leaving out unknown columns loses no row.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "table/json_lines.h"

namespace {

const data::Signature& signature() {
  static const data::Signature columns{{{"n", data::ColumnType::Number},
                                        {"t", data::ColumnType::Text},
                                        {"q\"\\", data::ColumnType::Number, false}}};
  return columns;
}

// How many rows could be read.
std::size_t read_all(std::string_view lines, bool drop_unknown) {
  table::TextSource source(lines);
  table::JsonLinesReader reader("f", source, signature(), {.row_bytes = 4096});
  reader.drop_unknown(drop_unknown);
  data::Frame frame(signature());
  std::size_t count = 0;
  while (true) {
    const auto rows = reader.read(frame, 3);
    if (!rows.ok() || *rows == 0) return count;
    count += *rows;
    for (std::size_t i = 0; i < *rows; ++i) {
      if (base::find_invalid_utf8(frame.texts(1)[i])) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view lines(reinterpret_cast<const char*>(data), size);
  if (read_all(lines, true) < read_all(lines, false)) std::abort();
  return 0;
}
