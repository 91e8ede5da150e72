#include "host/state_folder.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "deploy/endpoint_spec.h"
#include "host/descriptor.h"
#include "host/replica_log.h"

namespace host {
namespace {

using base::Code;
using base::Result;

constexpr const char* kDesired = "desired.json";
constexpr const char* kStanding = "standing.json";
constexpr std::string_view kLogEnd = ".log";
constexpr std::string_view kPreviousEnd = ".previous.log";
constexpr std::size_t kKeeperWordsMax = 16U << 10U;

std::string local_folder(const std::string& workspace) { return workspace + "/local"; }

// Nothing where there is no such file.
Result<std::optional<std::string>> find_text(const std::string& root, const std::string& name,
                                             std::uint64_t bytes_max) {
  auto text = base::read_beneath(root, name, bytes_max);
  if (text.ok()) return std::optional<std::string>(*std::move(text));
  if (text.error().code() == Code::NotFound) return std::optional<std::string>();
  return std::move(text).error();
}

std::string last_lines(std::string_view text, std::size_t lines) {
  std::size_t at = text.size();
  if (text.ends_with('\n')) --at;
  for (std::size_t i = 0; i < lines; ++i) {
    at = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    if (at == std::string_view::npos) return std::string(text);
  }
  return std::string(text.substr(at + 1));
}

Result<void> remove_files(const std::string& folder) {
  if (!base::is_directory(folder)) return {};
  TRY_ASSIGN(const auto names, base::list_folder(folder));
  for (const std::string& each : names) TRY(base::remove_file(folder + "/" + each));
  return base::remove_empty_folder(folder);
}

}  // namespace

StateFolder::StateFolder(const std::string& workspace, const std::string& endpoint)
    : path_(local_folder(workspace) + "/" + endpoint) {}

Result<void> StateFolder::create() const {
  TRY(base::make_folder(path_.substr(0, path_.rfind('/'))));
  TRY(base::make_folder(path_));
  // Variables of the environment and logs are nobody else's to read.
  if (::chmod(path_.c_str(), 0700) != 0) return base::system_error(path_, errno);
  return base::make_folder(logs());
}

Result<void> StateFolder::remove() const {
  TRY(remove_files(logs()));
  TRY(remove_files(path_));
  return base::remove_empty_folder(path_.substr(0, path_.rfind('/')));
}

Result<std::optional<deploy_local::Desired>> StateFolder::find_desired() const {
  TRY_ASSIGN(const auto text, find_text(path_, kDesired, deploy_local::kDesiredBytesMax));
  if (!text) return std::optional<deploy_local::Desired>();
  TRY_ASSIGN(auto desired, deploy_local::parse_desired(path_ + "/" + kDesired, *text));
  return std::optional<deploy_local::Desired>(std::move(desired));
}

Result<std::optional<deploy_local::Standing>> StateFolder::find_standing() const {
  TRY_ASSIGN(const auto text, find_text(path_, kStanding, deploy_local::kStandingBytesMax));
  if (!text) return std::optional<deploy_local::Standing>();
  TRY_ASSIGN(auto standing, deploy_local::parse_standing(path_ + "/" + kStanding, *text));
  return std::optional<deploy_local::Standing>(std::move(standing));
}

Result<void> StateFolder::write(const std::string& name, std::string_view text) const {
  TRY_ASSIGN(const auto file, base::AtomicFile::create(path_ + "/" + name));
  TRY(file->append(text));
  return file->commit();
}

Result<void> StateFolder::write_desired(const deploy_local::Desired& desired) const {
  return write(kDesired, deploy_local::to_text(desired));
}

Result<void> StateFolder::write_standing(const deploy_local::Standing& standing) const {
  return write(kStanding, deploy_local::to_text(standing));
}

Result<void> StateFolder::write_keys(std::string_view json) const {
  return write("keys.json", json);
}

Result<void> StateFolder::remove_keys() const { return base::remove_file(keys_file()); }

Result<std::vector<std::string>> StateFolder::replicas_with_logs() const {
  std::vector<std::string> replicas;
  if (!base::is_directory(logs())) return replicas;
  TRY_ASSIGN(const auto names, base::list_folder(logs()));
  for (const std::string& each : names) {
    if (!each.ends_with(kLogEnd) || each.ends_with(kPreviousEnd)) continue;
    replicas.push_back(each.substr(0, each.size() - kLogEnd.size()));
  }
  return replicas;
}

Result<std::string> StateFolder::log_lines(const std::string& replica, std::size_t lines,
                                           bool previous) const {
  const std::string name = replica + std::string(previous ? kPreviousEnd : kLogEnd);
  TRY_ASSIGN(const auto now, find_text(logs(), name, 2 * ReplicaLog::kBytesMax));
  std::string text = now.value_or("");
  const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (!previous && count < lines) {
    TRY_ASSIGN(const auto before, find_text(logs(), name + ".1", 2 * ReplicaLog::kBytesMax));
    text.insert(0, before.value_or(""));
  }
  return last_lines(text, lines);
}

std::string StateFolder::keeper_words() const {
  const auto text = find_text(path_, "keeper.log", 2 * ReplicaLog::kBytesMax);
  if (!text.ok() || !*text) return "";
  const std::string& words = **text;
  return words.substr(words.size() - std::min(words.size(), kKeeperWordsMax));
}

Result<std::vector<std::string>> list_endpoints(const std::string& workspace) {
  std::vector<std::string> endpoints;
  const std::string folder = local_folder(workspace);
  if (!base::is_directory(folder)) return endpoints;
  TRY_ASSIGN(const auto names, base::list_folder(folder));
  for (const std::string& each : names) {
    if (deploy::check_dns_name(each, deploy::kEndpointNameMax).ok()) endpoints.push_back(each);
  }
  return endpoints;
}

std::string change_lock(const std::string& workspace) { return workspace + "/local.lock"; }

}  // namespace host
