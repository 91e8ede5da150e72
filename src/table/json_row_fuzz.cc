// JSON lines from their first byte, as objects and as arrays; every text that is read is UTF-8.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  table::TextSource source({reinterpret_cast<const char*>(data), size});
  table::JsonLinesReader reader("f", source, signature(), {.row_bytes = 4096});
  data::Frame frame(signature());
  while (true) {
    const auto rows = reader.read(frame, 3);
    if (!rows.ok() || *rows == 0) return 0;
    for (std::size_t i = 0; i < *rows; ++i) {
      if (base::find_invalid_utf8(frame.texts(1)[i])) std::abort();
    }
  }
}
