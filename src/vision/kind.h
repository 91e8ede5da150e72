#pragma once

#include <string_view>

#include "base/result.h"

namespace vision {

enum class Kind : unsigned char { Jpeg, Png, Webp };

// What the bytes are, by how they begin. Refuses everything else by its name, where it has one:
// `expected a JPEG, PNG or WebP, got a GIF`.
base::Result<Kind> recognise(std::string_view bytes);

}  // namespace vision
