#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pickle {

// The text forms of protocol 0. Each gives nothing for what it does not take.

// -123 of any length, as little-endian two's complement. Time is quadratic in the digits.
std::optional<std::string> decimal_to_twos_complement(std::string_view text);
// What stands between the quotes of a Python 2 str: \n, \', \x41, \101 and so on. An escape
// that is none stays as it is written.
std::optional<std::string> unescape_string(std::string_view text);
// raw-unicode-escape to UTF-8: Latin-1 with \uXXXX and \UXXXXXXXX. A pair of surrogates, which a
// Python of 16-bit characters wrote for one character, is that character; a lone one is refused.
std::optional<std::string> unescape_unicode(std::string_view text);

// Whether `text` is valid UTF-8; fast on ASCII.
bool is_utf8(std::string_view text);

}  // namespace pickle
