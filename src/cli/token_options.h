#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/world.h"
#include "front/issuer_keys.h"
#include "front/tokens.h"
#include "net/http_client.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// What `sooth serve` is told of the access tokens that it takes.
struct TokenFlags {
  std::string issuer;  // Empty: it takes none.
  std::vector<std::string> audiences;
  std::string keys;
  std::vector<std::string> algorithms;
  std::vector<std::string> tenants;
  std::string word_prefix;
  std::string ca_file;
  std::string keys_age_max = "24 h";
};
void add_token_options(CLI::App& app, TokenFlags& flags);

// The tokens that a server takes, and the thread that keeps the keys to check them with.
class TokenAccess {
 public:
  // Looks for the keys once; that they cannot be had yet is no failure. Log and metrics outlive it.
  static base::Result<std::unique_ptr<TokenAccess>> open(const TokenFlags& flags, World& world,
                                                         telemetry::Log& log,
                                                         telemetry::Metrics& metrics);

  front::Tokens* tokens() { return tokens_.get(); }  // Null: none are taken.
  base::Result<void> watch() { return keys_ == nullptr ? base::Result<void>() : keys_->watch(); }

 private:
  TokenAccess() = default;

  // In the order in which they need each other.
  std::unique_ptr<front::Tokens> tokens_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<front::IssuerKeys> keys_;
};

}  // namespace cli
