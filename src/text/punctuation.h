#pragma once

namespace text {

// Whether Unicode 14 (Python 3.11) counts the code point as punctuation.
bool is_punctuation(char32_t point);

}  // namespace text
