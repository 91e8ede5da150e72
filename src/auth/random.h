#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "base/result.h"

namespace auth {

// Fills bytes with what nobody can foresee. Passed in, so that tests know what comes.
using Random = std::function<base::Result<void>(std::span<std::byte>)>;

// The kernel's getrandom().
base::Result<void> system_random(std::span<std::byte> bytes);

}  // namespace auth
