#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "text/regex.h"

// The first byte chooses the Python release; then the pattern up to a 0 byte, then the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const text::PythonVersion version{3, 6 + data[0] % 9};
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const auto regex = text::Regex::make(input.substr(0, zero), version);
  if (!regex.ok()) return 0;
  const std::string_view subject = input.substr(std::min(zero + 1, input.size()));
  if (base::find_invalid_utf8(subject)) return 0;

  text::Regex::Scratch scratch;
  std::vector<text::Span> found;
  if (!regex->find_all(subject, scratch, found).ok()) return 0;
  for (const text::Span& span : found) {
    if (span.begin > span.end || span.end > subject.size()) std::abort();
    if (base::find_invalid_utf8(span.of(subject))) std::abort();
  }
  return 0;
}
