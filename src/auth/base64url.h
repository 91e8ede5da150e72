#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// Base64 with '-' and '_' and without padding (RFC 4648, section 5; RFC 7515, section 2).
std::string base64url_encode(std::string_view bytes);
// Nothing for what is not exactly that: a text has one meaning, and bytes have one text.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace auth
