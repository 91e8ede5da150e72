// What a workspace does with its blobs and with the index that is derived from its state.

#include <algorithm>
#include <set>
#include <utility>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/descriptor.h"
#include "workspace/agreement.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

// Says in index.json which change it was derived at; JSON's keys are sorted, so it stands first.
constexpr std::string_view kChangeKey = "dev.sooth.change";

std::string index_start(std::int64_t change) {
  return fmt::format(R"({{"annotations":{{"{}":"{}"}})", kChangeKey, change);
}

std::uint64_t size_of(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

}  // namespace

// What one manifest needs, itself among it. Without it nobody knows which blobs are whose.
base::Result<void> Workspace::reach(const base::Digest& digest, std::set<base::Digest>& digests) {
  const auto file = layout_.open(digest, oci::kManifestBytesMax);
  if (!file.ok() && file.error().code() == Code::NotFound) {
    return Error(Code::Corrupt, fmt::format("its manifest, blob {}, is not there; register or pull "
                                            "it again, or remove it",
                                            digest.text()));
  }
  if (!file.ok()) return file.error();
  TRY_ASSIGN(const oci::Manifest manifest, oci::Manifest::parse(base::as_text((*file)->bytes())));
  digests.insert(digest);
  digests.insert(manifest.config.digest);
  for (const oci::Descriptor& layer : manifest.layers) digests.insert(layer.digest);
  return {};
}

// The blobs that versions need, and those at work somewhere.
base::Result<std::vector<base::Digest>> Workspace::reachable() {
  std::set<base::Digest> digests;
  TRY_ASSIGN(Statement select,
             database_->prepare("SELECT model || ':' || number, digest FROM version UNION ALL "
                                "SELECT 'endpoint ' || endpoint || ' of ' || target, digest FROM "
                                "deployment"));
  TRY(select.each([&](const Row& row) -> base::Result<void> {
    TRY_ASSIGN(const base::Digest digest, base::Digest::from(row.blob(1)));
    auto reached = reach(digest, digests);
    if (!reached.ok()) return std::move(reached).error().within(row.text(0));
    return {};
  }));
  return std::vector<base::Digest>(digests.begin(), digests.end());
}

// A row that is gone, or changed, would let go of what it names.
base::Result<void> Workspace::check_agreement() {
  TRY(verify_log(*database_));
  TRY_ASSIGN(const auto differences, compare_with_log(*database_));
  if (differences.empty()) return {};
  return Error(Code::Corrupt,
               fmt::format("{}; nothing was removed; run sooth doctor", differences.front()));
}

base::Result<Garbage> Workspace::collect(bool dry_run) {
  // A dry run takes nothing away, so others may add; only what it finds must not go meanwhile.
  TRY_ASSIGN(const auto lock,
             take_lock(dry_run ? base::FileLock::Kind::Shared : base::FileLock::Kind::Exclusive));
  return collect_locked(dry_run);
}

void Workspace::discard() {
  const std::vector<base::Digest> written = layout_.take_new();
  if (written.empty()) return;
  const auto alone = base::FileLock::try_take(root() + "/lock", base::FileLock::Kind::Exclusive);
  if (!alone.ok() || !*alone) return;
  // Why the version could not be added is what matters; this is only tidy.
  static_cast<void>(discard_alone(written));
}

base::Result<void> Workspace::discard_alone(const std::vector<base::Digest>& written) {
  TRY(database_->settle());
  std::vector<base::Digest> needed;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY(check_agreement());
    TRY_ASSIGN(needed, reachable());
    return {};
  }));
  for (const base::Digest& each : written) {
    // Another may have made a version of the same bytes meanwhile.
    if (!std::binary_search(needed.begin(), needed.end(), each)) TRY(layout_.remove(each));
  }
  return {};
}

base::Result<Garbage> Workspace::collect_locked(bool dry_run) {
  Garbage garbage;
  if (!dry_run) {
    TRY_ASSIGN(garbage.bytes, layout_.clean());
    TRY(database_->settle());
  }
  std::vector<base::Digest> needed;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY(check_agreement());
    TRY_ASSIGN(needed, reachable());
    return {};
  }));
  TRY_ASSIGN(const auto all, layout_.list());
  for (const base::Digest& each : all) {
    if (std::binary_search(needed.begin(), needed.end(), each)) continue;
    garbage.bytes += size_of(layout_.path(each));
    garbage.blobs.push_back(each);
    if (!dry_run) TRY(layout_.remove(each));
  }
  return garbage;
}

base::Result<std::string> Workspace::make_index() {
  oci::Index index;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY_ASSIGN(const std::int64_t change, last_change(*database_));
    index.annotations.emplace(kChangeKey, std::to_string(change));
    TRY_ASSIGN(Statement select, database_->prepare("SELECT model, number, digest, manifest_size "
                                                    "FROM version ORDER BY model, number"));
    return select.each([&](const Row& row) -> base::Result<void> {
      oci::Descriptor version;
      version.media_type = oci::kManifestType;
      TRY_ASSIGN(version.digest, base::Digest::from(row.blob(2)));
      version.size = static_cast<std::uint64_t>(row.integer(3));
      version.annotations.emplace("org.opencontainers.image.ref.name",
                                  fmt::format("{}:{}", row.text(0), row.integer(1)));
      index.manifests.push_back(std::move(version));
      return {};
    });
  }));
  return index.json();
}

// Whoever comes later writes what is newer, since each reads the state with the lock held.
base::Result<bool> Workspace::refresh_index() {
  TRY_ASSIGN(const std::int64_t change, last_change(*database_));
  if (layout_.index_begins_with(index_start(change))) return false;
  TRY_ASSIGN(const auto lock, layout_.lock_index());
  TRY_ASSIGN(const std::string json, make_index());
  TRY(layout_.write_index(json));
  return true;
}

void Workspace::publish_index() {
  index_problem_.reset();
  if (auto refreshed = refresh_index(); !refreshed.ok()) {
    index_problem_ = std::move(refreshed).error();
  }
}

}  // namespace workspace
