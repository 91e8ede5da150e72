// What a workspace finds out about itself when it is asked to read everything.

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "oci/descriptor.h"
#include "workspace/agreement.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kBlobBytesMax = std::uint64_t{1} << 42U;
constexpr std::string_view kAdvice = "; run sooth doctor";

// What is wrong, without the advice to do what is being done.
std::string finding(const Error& error) {
  std::string text = error.message();
  if (text.ends_with(kAdvice)) text.resize(text.size() - kAdvice.size());
  return text;
}

}  // namespace

base::Result<void> Workspace::examine_blobs(
    Health& health, const std::function<void(std::uint64_t bytes)>& on_progress) {
  TRY_ASSIGN(const auto blobs, layout_.list());
  for (const base::Digest& digest : blobs) {
    const auto file = layout_.open(digest, kBlobBytesMax);
    if (!file.ok()) {
      health.problems.push_back(finding(file.error()));
      continue;
    }
    ++health.blobs;
    health.bytes += (*file)->bytes().size();
    on_progress(health.bytes);
  }
  return {};
}

// The database as such, its log, and whether the tables say the same.
base::Result<void> Workspace::examine_state(Health& health) {
  TRY_ASSIGN(health.problems, database_->check());
  return database_->view([&]() -> base::Result<void> {
    TRY(verify_log(*database_));
    TRY_ASSIGN(const auto differences, compare_with_log(*database_));
    health.problems.insert(health.problems.end(), differences.begin(), differences.end());
    return {};
  });
}

base::Result<void> Workspace::examine_version(const Version& version) {
  auto opened = layout_.open(version.digest, oci::kManifestBytesMax);
  if (!opened.ok() && opened.error().code() == Code::NotFound) {
    return Error(Code::Corrupt,
                 fmt::format("its manifest, blob {}, is not there", version.digest.text()));
  }
  TRY_ASSIGN(const auto file, std::move(opened));
  TRY_ASSIGN(oci::Manifest manifest, oci::Manifest::parse(base::as_text(file->bytes())));
  std::uint64_t size = file->bytes().size();
  if (size != version.manifest_size) {
    return Error(Code::Corrupt, fmt::format("expected a manifest of {} bytes, got {}",
                                            version.manifest_size, size));
  }
  manifest.layers.push_back(manifest.config);
  for (const oci::Descriptor& part : manifest.layers) {
    if (!layout_.has(part.digest)) {
      return Error(Code::Corrupt, fmt::format("blob {} is not there", part.digest.text()));
    }
    size += part.size;
  }
  if (size == version.size) return {};
  return Error(Code::Corrupt, fmt::format("expected {} bytes, got {}", version.size, size));
}

base::Result<Workspace::Health> Workspace::examine(
    const std::function<void(std::uint64_t bytes)>& on_progress) {
  Health health;
  const auto note = [&](const Error& error) { health.problems.push_back(finding(error)); };
  if (auto state = examine_state(health); !state.ok()) note(state.error());
  TRY_ASSIGN(const auto held, hold());
  TRY(examine_blobs(health, on_progress));
  TRY_ASSIGN(const auto names, models());
  for (const Model& model : names) {
    const auto each_version = versions(model.name);
    if (!each_version.ok()) {
      note(each_version.error());
      continue;
    }
    for (const Version& version : *each_version) {
      ++health.versions;
      const auto whole = examine_version(version);
      if (!whole.ok()) note(Error(whole.error()).within(version.reference()));
    }
  }
  TRY_ASSIGN(const auto lock, layout_.lock_index());
  TRY_ASSIGN(const std::string json, make_index());
  const auto current = layout_.read_index();
  health.index_repaired = !current.ok() || *current != json;
  if (health.index_repaired) TRY(layout_.write_index(json));
  return health;
}

}  // namespace workspace
