#pragma once

#include "base/result.h"
#include "workspace/database.h"

namespace workspace {

// Brings the tables to the newest form, step by step from whichever an older release left.
// Unsupported where a newer release has been here.
base::Result<void> migrate(Database& database);

}  // namespace workspace
