#include "oci/credentials.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/file.h"
#include "base/text.h"
#include "oci/credential_helper.h"
#include "oci/json_text.h"

// config.json and auth.json:
//   {"auths": {"<registry>": {"auth": base64("user:password"), "identitytoken": "..."}},
//    "credsStore": "<helper for all>", "credHelpers": {"<registry>": "<helper>"}, ...}
// A key of "auths" is a host ("r.example:5000"), a URL of old ("https://index.docker.io/v1/"), or
// in auth.json a host with the front of a repository ("r.example/team").

namespace oci {
namespace {

using base::Code;
using base::Error;
using Json = nlohmann::ordered_json;  // What is not ours keeps its place when the file is written.

constexpr std::uint64_t kFileBytesMax = 4 << 20;
// Writing recurses for each level. What Docker and podman write has three.
constexpr int kDepthMax = 100;
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";

bool is_docker_hub(std::string_view host) {
  return host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io";
}

// By what name files and helpers know the registry.
std::string key_of(const std::string& host) {
  return is_docker_hub(host) ? std::string(kDockerHubKey) : host;
}

// "r.example/team" of "https://r.example/v1/", "r.example", "r.example/team".
std::string_view bare_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!key.starts_with(scheme)) continue;
    key.remove_prefix(scheme.size());
    return key.substr(0, key.find('/'));
  }
  for (const std::string_view version : {"/v1/", "/v2/", "/v1", "/v2", "/"}) {
    if (key.ends_with(version)) return key.substr(0, key.size() - version.size());
  }
  return key;
}

// How much of host and repository the key names: 0 is none of it.
std::size_t match_length(std::string_view key, const std::string& host,
                         std::string_view repository) {
  key = bare_key(key);
  if (key == host || (is_docker_hub(host) && is_docker_hub(key))) return host.size();
  const std::string whole = host + "/" + std::string(repository);
  const bool front = key.size() > host.size() && whole.starts_with(key) &&
                     (key.size() == whole.size() || whole[key.size()] == '/');
  return front ? key.size() : 0;
}

// Nothing where there is no such file.
base::Result<std::optional<Json>> read_file(const std::string& path) {
  auto file = base::MappedFile::open(path, kFileBytesMax);
  if (!file.ok() && file.error().code() == Code::NotFound) return std::optional<Json>();
  if (!file.ok()) return std::move(file).error();
  const std::string_view text = base::as_text((*file)->bytes());
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return std::optional<Json>(Json::object());
  }
  bool deep = false;
  const Json::parser_callback_t bounded = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kDepthMax;
    return !deep;
  };
  Json object = Json::parse(text, bounded, false);
  if (deep || !object.is_object()) {
    return Error(Code::Invalid,
                 fmt::format("credentials file {}: expected a JSON object{}", base::quote(path),
                             deep ? ", got one that nests too deep" : ""));
  }
  return std::optional<Json>(std::move(object));
}

// The helper the file names for the registry; "" where it names none.
std::string helper_for(const Json& file, const std::string& host) {
  if (const auto helpers = file.find("credHelpers");
      helpers != file.end() && helpers->is_object()) {
    for (const auto& [key, name] : helpers->items()) {
      const bool same =
          bare_key(key) == host || (is_docker_hub(host) && is_docker_hub(bare_key(key)));
      if (same && name.is_string()) return name.get<std::string>();
    }
  }
  return text_at(file, "credsStore");
}

base::Result<std::optional<Credentials>> read_entry(const Json& entry, const std::string& path,
                                                    const std::string& key) {
  Credentials credentials{.user = text_at(entry, "username"), .secret = text_at(entry, "password")};
  if (const std::string encoded = text_at(entry, "auth"); !encoded.empty()) {
    const auto pair = base::base64_decode(encoded);
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) {
      return Error(Code::Invalid,
                   fmt::format("credentials file {}: registry {}: expected \"auth\" to be "
                               "\"user:password\" in base64",
                               base::quote(path), base::quote(key)));
    }
    credentials.user = pair->substr(0, colon);
    credentials.secret = pair->substr(colon + 1);
    // Docker pads the password with zero bytes in some releases.
    credentials.secret.erase(std::min(credentials.secret.find('\0'), credentials.secret.size()));
  }
  if (std::string token = text_at(entry, "identitytoken"); !token.empty()) {
    credentials.secret = std::move(token);
    credentials.identity_token = true;
  }
  if (credentials.secret.empty()) return std::optional<Credentials>();
  return std::optional<Credentials>(std::move(credentials));
}

// The entry of "auths" that names most of host and repository.
base::Result<std::optional<Credentials>> find_entry(const Json& file, const std::string& path,
                                                    const std::string& host,
                                                    std::string_view repository) {
  const auto auths = file.find("auths");
  if (auths == file.end() || !auths->is_object()) return std::optional<Credentials>();
  std::size_t best = 0;
  std::string best_key;
  for (const auto& [key, entry] : auths->items()) {
    const std::size_t length = match_length(key, host, repository);
    if (length <= best || !entry.is_object()) continue;
    best = length;
    best_key = key;
  }
  if (best == 0) return std::optional<Credentials>();
  return read_entry(auths->at(best_key), path, best_key);
}

Error system_error(const std::string& path, int error) {
  const Code code = error == EACCES || error == EROFS ? Code::Denied : Code::Unavailable;
  return {code, fmt::format("credentials file {}: {}", base::quote(path),
                            std::generic_category().message(error))};
}

base::Result<void> write_whole(int fd, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error(path, errno);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(fd) != 0) return system_error(path, errno);
  return {};
}

// Replaces the file whole; only its owner may ever read what is written (mkostemp: mode 0600).
base::Result<void> write_file(const std::string& named, const Json& object) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(named, ignored);
  const std::string path = ignored ? named : real.string();
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const std::string text = object.dump(1, '\t', false, Json::error_handler_t::replace) + "\n";
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return system_error(path, errno);
  auto outcome = write_whole(fd, path, text);
  if (::close(fd) != 0 && outcome.ok()) outcome = system_error(path, errno);
  if (outcome.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    outcome = system_error(path, errno);
  }
  if (!outcome.ok()) ::unlink(temporary.c_str());
  return outcome;
}

// Takes every entry that is for the whole host out. Says whether there was one.
bool erase_entries(Json& file, const std::string& host) {
  const auto auths = file.find("auths");
  if (auths == file.end() || !auths->is_object()) return false;
  std::vector<std::string> keys;
  for (const auto& [key, entry] : auths->items()) {
    if (match_length(key, host, "") == host.size()) keys.push_back(key);
  }
  for (const std::string& key : keys) auths->erase(key);
  return !keys.empty();
}

}  // namespace

base::Result<std::optional<Credentials>> CredentialStore::find(const std::string& host,
                                                               std::string_view repository) const {
  for (const std::string& path : options_.files) {
    TRY_ASSIGN(const std::optional<Json> file, read_file(path));
    if (!file) continue;
    if (const std::string name = helper_for(*file, host); !name.empty()) {
      TRY_ASSIGN(const CredentialHelper helper, CredentialHelper::open(name, options_));
      TRY_ASSIGN(std::optional<Credentials> found, helper.get(key_of(host)));
      if (found) return found;
    }
    TRY_ASSIGN(std::optional<Credentials> found, find_entry(*file, path, host, repository));
    if (found) return found;
  }
  return std::optional<Credentials>();
}

base::Result<void> CredentialStore::store(const std::string& host,
                                          const Credentials& credentials) const {
  TRY_ASSIGN(std::optional<Json> file, read_file(options_.written_file));
  Json object = file ? *std::move(file) : Json::object();
  if (const std::string name = helper_for(object, host); !name.empty()) {
    TRY_ASSIGN(const CredentialHelper helper, CredentialHelper::open(name, options_));
    return helper.store(key_of(host), credentials);
  }
  if (credentials.user.find(':') != std::string::npos) {
    return Error(Code::Invalid, "user: expected a name without ':'");
  }
  erase_entries(object, host);
  Json entry = Json::object();
  if (credentials.identity_token) {
    entry["auth"] = base::base64_encode(credentials.user + ":");
    entry["identitytoken"] = credentials.secret;
  } else {
    entry["auth"] = base::base64_encode(credentials.user + ":" + credentials.secret);
  }
  if (!object["auths"].is_object()) object["auths"] = Json::object();
  object["auths"][key_of(host)] = std::move(entry);
  return write_file(options_.written_file, object);
}

base::Result<bool> CredentialStore::erase(const std::string& host) const {
  TRY_ASSIGN(std::optional<Json> file, read_file(options_.written_file));
  if (!file) return false;
  bool erased = false;
  if (const std::string name = helper_for(*file, host); !name.empty()) {
    TRY_ASSIGN(const CredentialHelper helper, CredentialHelper::open(name, options_));
    TRY_ASSIGN(erased, helper.erase(key_of(host)));
  }
  if (erase_entries(*file, host)) {
    TRY(write_file(options_.written_file, *file));
    erased = true;
  }
  return erased;
}

}  // namespace oci
