#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace auth {

// A moment in whole seconds, as text "2026-01-02T03:04:05Z" (RFC 3339, UTC only) of the years
// 1970 to 9999. Nothing else is taken, so that each moment has one text.
using Timestamp = std::chrono::sys_seconds;

base::Result<Timestamp> parse_timestamp(std::string_view text);
std::string format_timestamp(Timestamp time);

}  // namespace auth
