#pragma once

#include <string_view>

namespace publish {

// quantize.py, as text.
std::string_view quantize_script();

}  // namespace publish
