#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace oci {

// What the server of a registry's tokens gave.
struct TokenAnswer {
  std::string value;         // Fit to stand in a header field.
  std::int64_t seconds = 0;  // How long it is good for: 1 to a day.
};

// {"token": "...", "expires_in": 300}, or "access_token" for "token". Corrupt where it is neither.
base::Result<TokenAnswer> parse_token(std::string_view body);

}  // namespace oci
