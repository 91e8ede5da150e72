// The columns of a file's first row, from its first byte: few, named once, and UTF-8; and what was
// looked at is read once more as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"
#include "table/first_row.h"

namespace {

constexpr table::Limits kLimits{.row_bytes = 256, .field_bytes = 100, .columns = 8};

void check(const base::Result<table::FirstRow>& row) {
  if (!row.ok()) return;
  if (row->cells > kLimits.columns) std::abort();
  if (!row->names.empty() && row->names.size() != row->cells) std::abort();
  if (std::set(row->names.begin(), row->names.end()).size() != row->names.size()) std::abort();
  for (const std::string& name : row->names) {
    if (base::find_invalid_utf8(name)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool csv : {false, true}) {
    table::TextSource all(text);
    table::RewoundSource source(all);
    check(csv ? table::first_csv_row("f", source, ',', kLimits)
              : table::first_json_row("f", source, kLimits));
    source.rewind();
    std::string again;
    char piece[7];
    while (true) {
      const auto got = source.read(piece);
      if (!got.ok() || *got == 0) break;
      again.append(piece, *got);
    }
    if (again != text) std::abort();
  }
  return 0;
}
