#pragma once

namespace oci {

// The letters and digits of ASCII, whatever the locale says. Private to this room.
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_alnum(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); }

}  // namespace oci
