#pragma once

#include <string>

#include "base/result.h"
#include "cli/registry.h"
#include "publish/transfer.h"

namespace cli {

// Fetches the version in the image of that name into the workspace. Without a name the model is
// called as the last part of the repository.
base::Result<publish::Pulled> pull_reference(const std::string& from, const std::string& name,
                                             const RegistryFlags& flags,
                                             workspace::Workspace& workspace, World& world);

}  // namespace cli
