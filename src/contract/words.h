#pragma once

#include <string_view>

// Words of header fields, as HTTP and MIME have them.
namespace contract {

// Without the spaces and tabs around it.
std::string_view without_blanks(std::string_view text);
// Whether they are the same but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

}  // namespace contract
