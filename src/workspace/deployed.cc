// What runs where: so that nothing takes a version away from those who run it.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "workspace/agreement.h"
#include "workspace/change_log.h"
#include "workspace/deployed_rows.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

}  // namespace

base::Result<std::vector<Deployed>> read_deployed(Database& database) {
  std::vector<Deployed> all;
  TRY_ASSIGN(Statement select,
             database.prepare("SELECT target, endpoint, digest FROM deployment ORDER BY 1, 2, 3"));
  TRY(select.each([&](const Row& row) -> base::Result<void> {
    TRY_ASSIGN(const base::Digest digest, base::Digest::from(row.blob(2)));
    Deployed each{.target = row.text(0), .endpoint = row.text(1), .digests = {}};
    if (all.empty() || all.back().target != each.target || all.back().endpoint != each.endpoint) {
      all.push_back(std::move(each));
    }
    all.back().digests.push_back(digest);
    return {};
  }));
  return all;
}

base::Result<void> put_deployed(Database& database, const Deployed& deployed) {
  TRY_ASSIGN(Statement insert, database.prepare("INSERT INTO deployment VALUES (?,?,?)"));
  for (const base::Digest& digest : deployed.digests) {
    TRY(insert.bind(1, deployed.target).bind(2, deployed.endpoint).bind(3, bytes_of(digest)).run());
  }
  return {};
}

std::string deployed_subject(const Deployed& deployed) {
  return fmt::format("{} {}", deployed.target, deployed.endpoint);
}

std::string deployed_in_log(const std::vector<base::Digest>& digests) {
  if (digests.empty()) return "null";
  json list = json::array();
  for (const base::Digest& each : digests) list.push_back(each.text());
  return list.dump();
}

base::Result<std::vector<Deployed>> Workspace::deployed() {
  std::vector<Deployed> all;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY(confirm_deployed(*database_));
    TRY_ASSIGN(all, read_deployed(*database_));
    return {};
  }));
  return all;
}

// NOLINTNEXTLINE(readability-function-size): TRY in a transaction counts as nesting.
base::Result<void> Workspace::set_deployed(Deployed deployed) {
  auto& digests = deployed.digests;
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  TRY(database_->transact([&]() -> base::Result<void> {
    TRY_ASSIGN(const auto all, read_deployed(*database_));
    const auto at = std::find_if(all.begin(), all.end(), [&](const Deployed& each) {
      return each.target == deployed.target && each.endpoint == deployed.endpoint;
    });
    const auto before = at == all.end() ? std::vector<base::Digest>() : at->digests;
    const std::string subject = deployed_subject(deployed);
    TRY_ASSIGN(const std::string was, last_said(*database_, subject));
    const std::string is = deployed_in_log(digests);
    // A row that broke is written anew.
    if (before == digests && was == is) return {};
    TRY_ASSIGN(Statement remove,
               database_->prepare("DELETE FROM deployment WHERE target = ? AND endpoint = ?"));
    TRY(remove.bind(1, deployed.target).bind(2, deployed.endpoint).run());
    for (const base::Digest& digest : digests) {
      TRY_ASSIGN(Statement known, database_->prepare("SELECT 1 FROM version WHERE digest = ?"));
      TRY_ASSIGN(const bool found, known.bind(1, bytes_of(digest)).first([](const Row&) {}));
      if (!found) {
        return Error(Code::NotFound,
                     fmt::format("version {}: it is not in the workspace any more", digest.text()));
      }
    }
    TRY(put_deployed(*database_, deployed));
    return record(kSetDeployed, subject, was, is);
  }));
  publish_index();
  return {};
}

base::Result<void> Workspace::check_not_deployed(const Version& version) {
  // A row that changed may be the one that guards it.
  TRY(confirm_deployed(*database_));
  TRY_ASSIGN(const auto all, read_deployed(*database_));
  for (const Deployed& each : all) {
    if (std::find(each.digests.begin(), each.digests.end(), version.digest) == each.digests.end()) {
      continue;
    }
    return Error(
        Code::Conflict,
        fmt::format("{}: expected it to run nowhere, got endpoint {} of {}; deploy another "
                    "version there or undeploy it first",
                    version.reference(), base::quote(each.endpoint), each.target));
  }
  return {};
}

}  // namespace workspace
