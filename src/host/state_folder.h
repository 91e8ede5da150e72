#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy_local/desired.h"
#include "deploy_local/standing.h"

namespace host {

// `local/ENDPOINT` in a workspace: what the command line wants of an endpoint and what its keeper
// says of it. Each file is there whole or not at all, and for its owner alone.
class StateFolder {
 public:
  // The name is a DNS label: nothing that leads elsewhere.
  StateFolder(const std::string& workspace, const std::string& endpoint);

  const std::string& path() const { return path_; }
  std::string lock_file() const { return path_ + "/keeper.lock"; }
  std::string keys_file() const { return path_ + "/keys.json"; }
  std::string keeper_log() const { return path_ + "/keeper.log"; }
  std::string logs() const { return path_ + "/logs"; }

  base::Result<void> create() const;
  // With everything in it. Precondition: no keeper lives.
  base::Result<void> remove() const;

  // Nothing: the endpoint is not deployed here.
  base::Result<std::optional<deploy_local::Desired>> find_desired() const;
  base::Result<void> write_desired(const deploy_local::Desired& desired) const;
  base::Result<std::optional<deploy_local::Standing>> find_standing() const;
  base::Result<void> write_standing(const deploy_local::Standing& standing) const;
  base::Result<void> write_keys(std::string_view json) const;
  base::Result<void> remove_keys() const;

  // "blue-1", ..., of all that have written a log.
  base::Result<std::vector<std::string>> replicas_with_logs() const;
  // The last lines of one; of the process before the last start where `previous`.
  base::Result<std::string> log_lines(const std::string& replica, std::size_t lines,
                                      bool previous) const;
  // The end of what the keeper itself has written.
  std::string keeper_words() const;

 private:
  base::Result<void> write(const std::string& name, std::string_view text) const;

  std::string path_;
};

// The endpoints that have a folder in the workspace.
base::Result<std::vector<std::string>> list_endpoints(const std::string& workspace);
// Held by a command while it changes what is wanted, of whichever endpoint.
std::string change_lock(const std::string& workspace);

}  // namespace host
