#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"
#include "net/url.h"
#include "oci/challenge.h"
#include "oci/registry_world.h"
#include "threads/guarded.h"

namespace oci {

// "repository:team/faq:pull,push": what a token is asked for.
using Scopes = std::vector<std::string>;

// Finds out how a registry wants to be convinced (Basic, or Bearer with tokens from another
// server), and has the value of Authorization ready for each request. Tokens are kept for each set
// of scopes until they end. A token's server is spoken to over https, or over http on this machine
// where the registry is spoken to so too. Any thread may call it.
class RegistryAuth {
 public:
  // Both outlive it.
  RegistryAuth(const RegistryWorld& world, const RegistryOptions& options);
  RegistryAuth(const RegistryWorld&, RegistryOptions&&) = delete;

  // "" as long as the registry has not asked, and where there is nothing to say.
  base::Result<std::string> authorization(const Scopes& scopes);

  // The registry answered 401 to a request that was sent with `sent`. Ok: another attempt, with a
  // new authorization(), makes sense. `attempts` is how many there have been.
  base::Result<void> take_challenge(const net::HttpResponse& response, const std::string& sent,
                                    const Scopes& scopes, int attempts);

 private:
  using Clock = std::chrono::steady_clock;

  struct Token {
    std::string value;
    Clock::time_point ends;
  };
  struct State {
    std::optional<Challenge> challenge;
    std::optional<std::optional<Credentials>> credentials;  // Absent: not looked for yet.
    std::map<Scopes, Token> tokens;
  };

  base::Result<std::optional<Credentials>> credentials();
  base::Result<Challenge> choose(const net::HttpResponse& response) const;
  base::Result<Token> fetch_token(const Challenge& challenge, const Scopes& scopes);
  base::Result<net::HttpResponse> ask_by_get(const net::Url& realm, const std::string& service,
                                             const Scopes& scopes,
                                             const std::optional<Credentials>& credentials);
  base::Result<net::HttpResponse> ask_by_post(const net::Url& realm, const std::string& service,
                                              const Scopes& scopes, const Credentials& credentials);
  base::Result<Token> read_token(const net::HttpResponse& response, bool with_credentials) const;
  base::Error not_let_in(bool with_credentials) const;

  const RegistryWorld& world_;
  const RegistryOptions& options_;
  threads::Guarded<State> state_;
};

}  // namespace oci
