#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

// Base64 as RFC 4648, section 4 has it: with padding, without line ends.
std::string base64_encode(std::string_view bytes);
// Nothing for what is not exactly that.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace base
