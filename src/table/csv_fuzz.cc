// CSV from its first byte: what is read the same however it arrives, and every text is UTF-8.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"
#include "table/csv_reader.h"

namespace {

// Gives a few bytes at a time.
class Pieces final : public table::Source {
 public:
  Pieces(std::string_view text, std::size_t size) : text_(text), size_(size) {}
  base::Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min({size_, into.size(), text_.size()});
    text_.copy(into.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
  std::size_t size_;
};

const data::Signature& signature() {
  static const data::Signature columns{{{"n", data::ColumnType::Number},
                                        {"t", data::ColumnType::Text},
                                        {"u", data::ColumnType::Text, false}}};
  return columns;
}

std::string read_all(std::string_view text, char delimiter, std::size_t piece) {
  Pieces source(text, piece);
  const table::Limits limits{.row_bytes = 256, .field_bytes = 100, .columns = 8};
  auto reader = table::CsvReader::open("f", source, signature(), delimiter, limits);
  if (!reader.ok()) return reader.error().message();
  data::Frame frame(signature());
  std::string out;
  while (true) {
    const auto rows = (*reader)->read(frame, 3);
    if (!rows.ok()) return out + rows.error().message();
    if (*rows == 0) return out;
    for (std::size_t i = 0; i < *rows; ++i) {
      if (base::find_invalid_utf8(frame.texts(1)[i])) std::abort();
      out += std::to_string(frame.number(i, 0));
      out += frame.texts(1)[i];
      out += (*reader)->place(i);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const char delimiter = (data[0] & 1U) != 0 ? '\t' : ',';
  if (read_all(text, delimiter, 1 + data[0] / 2) != read_all(text, delimiter, size)) std::abort();
  return 0;
}
