#include "cli/served_keys.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "auth/key_set.h"
#include "base/file.h"
#include "cli/workspace.h"

namespace cli {
namespace {

using auth::KeyRecord;
using base::Result;

std::string folder_of(const workspace::Workspace& workspace) { return workspace.root() + "/serve"; }
std::string path_of(const workspace::Workspace& workspace) {
  return folder_of(workspace) + "/workspace-keys.json";
}

Result<void> write_keys(const std::string& path, std::vector<KeyRecord> records) {
  TRY_ASSIGN(const auth::KeySet keys, auth::KeySet::make(std::move(records)));
  return write_private_file(path, keys.json());
}

}  // namespace

Result<void> write_private_file(const std::string& path, std::string_view text) {
  TRY_ASSIGN(const auto file, base::AtomicFile::create(path));
  TRY(file->keep_private());
  TRY(file->append(text));
  return file->commit();
}

Result<std::optional<std::string>> write_served_keys(workspace::Workspace& workspace,
                                                     std::string_view endpoint,
                                                     auth::Timestamp now) {
  TRY_ASSIGN(auto records, workspace.keys());
  const bool opens = std::any_of(records.begin(), records.end(), [&](const KeyRecord& each) {
    return auth::covers(each.endpoint, endpoint) && each.scope.contains(auth::Scope::Score) &&
           (!each.expires || *each.expires > now);
  });
  if (!opens) return std::optional<std::string>();
  TRY(make_folders(folder_of(workspace)));
  TRY(write_keys(path_of(workspace), std::move(records)));
  return std::optional(path_of(workspace));
}

Result<void> renew_served_keys(workspace::Workspace& workspace) {
  if (!base::exists(path_of(workspace))) return {};
  TRY_ASSIGN(auto records, workspace.keys());
  return write_keys(path_of(workspace), std::move(records));
}

}  // namespace cli
