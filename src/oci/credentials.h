#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace oci {

// What proves to a registry who asks.
struct Credentials {
  std::string user;
  std::string secret;           // A password, or an identity token.
  bool identity_token = false;  // To be exchanged for others (OAuth2 "refresh token").

  bool operator==(const Credentials&) const = default;
};

// The credentials that Docker and podman keep: config.json and auth.json, and the programs
// docker-credential-<name> that these files name. Paths and environment are the caller's to find.
// Secrets never stand in messages. Any thread may call it; files are read anew by each call.
class CredentialStore {
 public:
  struct Options {
    // Read in this order, the first that knows the registry wins: $REGISTRY_AUTH_FILE,
    // ${XDG_RUNTIME_DIR}/containers/auth.json, $DOCKER_CONFIG/config.json. Absent files are none.
    std::vector<std::string> files;
    std::string written_file;              // Where store() and erase() write; made when absent.
    std::string search_path;               // Of helpers: a PATH.
    std::vector<std::string> environment;  // Of helpers: "NAME=value".
    std::chrono::milliseconds helper_time_max{30'000};
  };

  explicit CredentialStore(Options options) : options_(std::move(options)) {}

  // Those for one repository of one registry; nothing where none are known.
  base::Result<std::optional<Credentials>> find(const std::string& host,
                                                std::string_view repository) const;

  // With the helper that the written file names for this registry, else in the file itself, which
  // is replaced whole and is its owner's alone to read.
  base::Result<void> store(const std::string& host, const Credentials& credentials) const;
  // Says whether there was something to forget.
  base::Result<bool> erase(const std::string& host) const;

 private:
  const Options options_;
};

}  // namespace oci
