#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace contract {

// Where arrays and objects are nested deeper than that: the offset of the bracket that is one too
// many. Looks at brackets and strings alone, some ten bytes a nanosecond and without recursion;
// what is not JSON is for its parser to refuse.
std::optional<std::size_t> find_too_deep(std::string_view json, std::size_t depth_max);

}  // namespace contract
