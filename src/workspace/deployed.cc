// What runs where: so that nothing takes a version away from those who run it.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

base::Bytes bytes_of(const base::Digest& digest) {
  return std::as_bytes(std::span(digest.bytes()));
}

std::string logged(const std::vector<base::Digest>& digests) {
  if (digests.empty()) return "null";
  json list = json::array();
  for (const base::Digest& each : digests) list.push_back(each.text());
  return list.dump();
}

}  // namespace

base::Result<std::vector<Deployed>> Workspace::read_deployed() {
  std::vector<Deployed> all;
  TRY_ASSIGN(
      Statement select,
      database_->prepare("SELECT target, endpoint, digest FROM deployment ORDER BY 1, 2, 3"));
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

base::Result<std::vector<Deployed>> Workspace::deployed() {
  std::vector<Deployed> all;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY_ASSIGN(all, read_deployed());
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
    TRY_ASSIGN(const auto all, read_deployed());
    const auto at = std::find_if(all.begin(), all.end(), [&](const Deployed& each) {
      return each.target == deployed.target && each.endpoint == deployed.endpoint;
    });
    const auto before = at == all.end() ? std::vector<base::Digest>() : at->digests;
    if (before == digests) return {};
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
      TRY_ASSIGN(Statement insert, database_->prepare("INSERT INTO deployment VALUES (?,?,?)"));
      TRY(insert.bind(1, deployed.target)
              .bind(2, deployed.endpoint)
              .bind(3, bytes_of(digest))
              .run());
    }
    return record("deployment.set", fmt::format("{} {}", deployed.target, deployed.endpoint),
                  logged(before), logged(digests));
  }));
  publish_index();
  return {};
}

base::Result<void> Workspace::check_not_deployed(const Version& version) {
  TRY_ASSIGN(Statement select,
             database_->prepare("SELECT target, endpoint FROM deployment WHERE digest = ?"));
  std::string where;
  TRY_ASSIGN(const bool found, select.bind(1, bytes_of(version.digest)).first([&](const Row& row) {
    where = fmt::format("endpoint {} of {}", base::quote(row.text(1)), row.text(0));
  }));
  if (!found) return {};
  return Error(Code::Conflict,
               fmt::format("{}: expected it to run nowhere, got {}; deploy another version there "
                           "or undeploy it first",
                           version.reference(), where));
}

}  // namespace workspace
