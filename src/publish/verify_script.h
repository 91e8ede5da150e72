#pragma once

#include <string_view>

namespace publish {

// verify.py, as it is given to the user's Python.
std::string_view verify_script();

}  // namespace publish
