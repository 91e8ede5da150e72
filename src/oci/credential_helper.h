#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci/credentials.h"

namespace oci {

// A program docker-credential-<name> (github.com/docker/docker-credential-helpers): asked with a
// verb, a server on standard input, an answer in JSON on standard output. Refuses names that are
// no plain word: what is run is found by name in the search path, never a path of the file's.
class CredentialHelper {
 public:
  // What a helper answers to "get"; `program` stands in messages. Nothing where it has no secret.
  static base::Result<std::optional<Credentials>> read_answer(std::string_view program,
                                                              std::string_view text);

  // NotFound: the program is not on the search path.
  static base::Result<CredentialHelper> open(const std::string& name,
                                             const CredentialStore::Options& options);

  // Nothing where the helper knows none.
  base::Result<std::optional<Credentials>> get(const std::string& server) const;
  base::Result<void> store(const std::string& server, const Credentials& credentials) const;
  // Says whether there was something to forget.
  base::Result<bool> erase(const std::string& server) const;

 private:
  struct Answer {
    bool found = false;
    std::string text;
  };

  CredentialHelper(std::string program, const CredentialStore::Options& options)
      : program_(std::move(program)),
        environment_(options.environment),
        time_max_(options.helper_time_max) {}
  base::Result<Answer> ask(const std::string& verb, const std::string& input) const;

  std::string program_;
  std::vector<std::string> environment_;
  std::chrono::milliseconds time_max_;
};

}  // namespace oci
