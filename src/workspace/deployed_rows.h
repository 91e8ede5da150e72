#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "workspace/database.h"
#include "workspace/workspace.h"

// Deployments as rows of the table, and as the log tells of them: for deployed.cc,
// agreement.cc and repair.cc.

namespace workspace {

inline constexpr std::string_view kSetDeployed = "deployment.set";

// All of them, as they lie there: a row that changed is not found here, but by confirm_deployed.
base::Result<std::vector<Deployed>> read_deployed(Database& database);

// A row for each digest. Precondition: there is none for this endpoint.
base::Result<void> put_deployed(Database& database, const Deployed& deployed);

std::string deployed_subject(const Deployed& deployed);
std::string deployed_in_log(const std::vector<base::Digest>& digests);

}  // namespace workspace
