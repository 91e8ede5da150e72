#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contract {

// A part of a form: its name, or the name of its file where it has none, and its bytes.
struct Part {
  std::string name;
  std::string_view bytes;
};

// The parts of a body of multipart/form-data (RFC 7578): `content_type` as sent, with its boundary.
// Refuses what does not begin and end with the boundary, heads of more than 4 KiB, parts without a
// name, and more than `parts_max`.
base::Result<std::vector<Part>> parse_multipart(std::string_view content_type,
                                                std::string_view body, std::size_t parts_max);

}  // namespace contract
