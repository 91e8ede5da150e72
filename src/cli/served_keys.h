#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/timestamp.h"
#include "base/result.h"
#include "workspace/workspace.h"

namespace cli {

// The keys of a workspace as servers of this machine watch them: a keys.json beneath its folder
// `serve`, written when a server starts, and again whenever `sooth keys` changes any, so that a key
// which is revoked opens nothing a second later.

// Writes them, and says where; nothing where no key is good for scoring the endpoint.
base::Result<std::optional<std::string>> write_served_keys(workspace::Workspace& workspace,
                                                           std::string_view endpoint,
                                                           auth::Timestamp now);
// Writes them again where they were written before.
base::Result<void> renew_served_keys(workspace::Workspace& workspace);

// Writes a file that its owner alone may read, whole or not at all.
base::Result<void> write_private_file(const std::string& path, std::string_view text);

}  // namespace cli
