#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "text/analyzer.h"

// Four bytes choose the options, the rest is the document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  static constexpr std::string_view kPatterns[] = {R"((?u)\b\w\w+\b)", R"(\S+)", R"(\b[a-z]+\b)",
                                                   R"((\w)\w*|\s)"};
  text::AnalyzerOptions options;
  options.analyzer = static_cast<text::AnalyzerKind>(data[0] % 3);
  options.lowercase = data[0] / 3 % 2 == 0;
  options.strip_accents = static_cast<text::StripAccents>(data[0] / 6 % 4);
  options.ngram_min = 1 + data[1] % 3;
  options.ngram_max = options.ngram_min + data[1] / 3 % 3;
  options.token_pattern = kPatterns[data[2] % 4];
  if (data[2] / 4 % 2 == 1) options.stop_words = {"a", "the", "ss"};
  options.python = {3, 6 + data[3] % 9};
  const auto analyzer = text::Analyzer::make(std::move(options));
  if (!analyzer.ok()) std::abort();

  const std::string_view document(reinterpret_cast<const char*>(data) + 4, size - 4);
  if (base::find_invalid_utf8(document)) return 0;
  text::Analyzer::Scratch scratch;
  const auto analyzed = analyzer->for_each_term(document, scratch, [](std::string_view term) {
    if (base::find_invalid_utf8(term)) std::abort();
  });
  if (!analyzed.ok() && analyzed.error().code() != base::Code::Exhausted) std::abort();
  return 0;
}
