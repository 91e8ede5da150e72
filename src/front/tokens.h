#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

#include "auth/token.h"
#include "base/result.h"
#include "front/token_cache.h"
#include "telemetry/metrics.h"
#include "threads/snapshot.h"

namespace front {

// The access tokens that a server takes: checks each against the issuer's keys of the moment, which
// somebody else brings (IssuerKeys). Any thread may ask, and none waits.
//
// A token that was accepted before costs a hash. One that was not costs the reading of its header
// and, where its key is known, one signature: of a thread about 45 us with RSA of 2048 bits, 100
// with P-256, 190 with Ed25519, 400 with the longest RSA key that is taken. That is what a flood of
// forged tokens costs for each request; nothing of it is kept, and a token whose key nobody has
// costs 5 us.
//   sooth_tokens_refused_total{reason}: what auth::TokenFault names, and not_permitted
class Tokens {
 public:
  // The metrics outlive it. Precondition: auth::check_rules() takes the rules.
  Tokens(auth::TokenRules rules, telemetry::Metrics& metrics);

  // From now on these are the issuer's keys: nothing that others signed is accepted any more. Null:
  // there are none.
  void publish(std::shared_ptr<const auth::TokenKeys> keys);

  // Unauthenticated where the token is not accepted, Denied where it does not permit what is asked.
  // Neither message says more.
  base::Result<void> check(std::string_view token, std::string_view endpoint, auth::Scope scope,
                           auth::Timestamp now);

  // Whether a token came since the last call that a key signed which is not known.
  bool take_unknown() { return unknown_.exchange(false, std::memory_order_relaxed); }

 private:
  // Keys, and what was found out with them: it goes with them.
  struct Era {
    std::shared_ptr<const auth::TokenKeys> keys;
    std::unique_ptr<TokenCache> cache = std::make_unique<TokenCache>();
  };

  const auth::TokenVerifier verifier_;
  threads::Snapshot<Era> era_;
  std::atomic<bool> unknown_ = false;
  std::array<telemetry::Counter*, auth::kTokenFaults> refused_{};
  telemetry::Counter& not_permitted_;
};

}  // namespace front
