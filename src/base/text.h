#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// Text that came from outside, fit to stand in a message: quoted, control characters and
// invalid UTF-8 escaped, cut after 120 bytes.
std::string quote(std::string_view text);

// Text that came from outside, fit for a terminal: control characters are escaped.
std::string printable(std::string_view text);
// The same of several lines, whose ends stay.
std::string printable_lines(std::string_view text);

// Without spaces, tabs and ends of lines at both ends.
std::string_view trim(std::string_view text);

// Offset of the first byte that is not UTF-8 (RFC 3629: no surrogates, no overlong forms).
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Appends the code point as UTF-8. A surrogate or a value past U+10FFFF becomes U+FFFD.
void append_utf8(std::string& out, char32_t point);

// Reads one code point of valid UTF-8 at `at` and moves `at` behind it.
// Precondition: `text` is valid UTF-8 and `at` stands on a first byte.
char32_t next_point(std::string_view text, std::size_t& at);

// The candidate that is most like `word` (edit distance at most a third of its length). Words of
// more than 256 bytes are like nothing.
std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates);

// 1536 -> "1.5 KiB".
std::string human_bytes(std::size_t bytes);

}  // namespace base
