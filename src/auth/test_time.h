#pragma once

#include "auth/timestamp.h"

// For tests: the moment at which they happen.

namespace auth {

inline const Timestamp kNow = *parse_timestamp("2026-01-02T03:04:05Z");

}  // namespace auth
