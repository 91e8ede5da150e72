#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scorer/candidates.h"

// Every candidate that is accepted has an answer's number within their count.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto candidates = scorer::Candidates::parse("candidates.tsv", text, {});
  if (!candidates.ok()) return 0;
  if (candidates->rows.empty() || candidates->answers > candidates->rows.size()) std::abort();
  for (const auto& row : candidates->rows) {
    if (row.answer >= candidates->answers) std::abort();
    if (candidates->integer_ids && row.id.find_first_not_of("-0123456789") != row.id.npos) {
      std::abort();
    }
  }
  return 0;
}
