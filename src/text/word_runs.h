#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/span.h"
#include "text/unicode.h"

namespace text {

// Appends the longest runs of word characters that have `points_min` code points or more: what
// re.findall gives for \w+ (1), \b\w\w+\b (2), \b\w{3,}\b (3) and so on. `bits` is scratch.
// Precondition: `text` is valid UTF-8 and points_min > 0.
void find_word_runs(std::string_view text, const Unicode& unicode, std::size_t points_min,
                    std::vector<std::uint64_t>& bits, std::vector<Span>& runs);

}  // namespace text
