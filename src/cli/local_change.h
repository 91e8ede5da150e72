#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/target.h"
#include "deploy_local/desired.h"
#include "host/state_folder.h"
#include "workspace/workspace.h"

namespace cli {

// A workspace whose endpoints run on this machine.
struct LocalPlace {
  workspace::Workspace& workspace;
  std::string root;  // Its folder, absolute.
  World& world;
};

std::string url_of(std::uint16_t port);

// Images in registries become versions of the workspace, and the spec names those.
base::Result<void> pull_versions(deploy::EndpointSpec& spec, const EndpointFlags& flags,
                                 workspace::Workspace& workspace, World& world);

// Stops everything of the endpoint and forgets it. The lock on changes is held.
base::Result<void> remove_endpoint(const LocalPlace& place, const std::string& endpoint,
                                   std::chrono::seconds time_max);

// Another wish for the keeper of an endpoint, who is started where there is none.
class LocalChange final : public PlannedChange {
 public:
  struct Wish {
    deploy::EndpointSpec spec;
    std::string keys;        // keys.json; empty: none.
    std::uint16_t port = 0;  // 0: not said.
  };
  static base::Result<std::unique_ptr<PlannedChange>> plan_deploy(LocalPlace place, Wish wish);
  // NotFound where nothing is known to have been good.
  static base::Result<std::unique_ptr<PlannedChange>> plan_rollback(LocalPlace place,
                                                                    const std::string& endpoint);

  const std::string& endpoint() const override { return wish_.spec.name; }
  const std::vector<deploy::Change>& changes() const override { return changes_; }
  const std::vector<std::string>& advice() const override { return advice_; }
  base::Result<void> check(const Conduct& conduct) override;
  base::Result<std::string> carry_out(const Conduct& conduct) override;

 private:
  LocalChange(LocalPlace place, Wish wish, bool keeps_keys);

  base::Result<void> read_before();
  void compare();
  bool was_ready() const;
  base::Result<void> check_port() const;
  base::Result<std::uint16_t> choose_port() const;
  base::Error superseded();
  base::Result<void> apply();
  base::Result<void> note_versions(const deploy_local::Desired& desired);
  base::Result<void> wake();
  base::Result<void> start_keeper();
  base::Result<void> wait_until_taken_up(std::optional<int> keeper);
  base::Result<void> follow(const Conduct& conduct);
  base::Result<std::string> go_back();

  LocalPlace place_;
  Wish wish_;
  bool keeps_keys_;  // Those that are there stay.
  host::StateFolder folder_;
  std::optional<deploy_local::Desired> before_;
  std::int64_t settled_before_ = 0;
  deploy_local::Desired desired_;  // As it was written.
  bool begun_ = false;             // Something of it is there.
  bool superseded_ = false;        // Somebody else has wished since.
  std::vector<deploy::Change> changes_;
  std::vector<std::string> advice_;
};

}  // namespace cli
