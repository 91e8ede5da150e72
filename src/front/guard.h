#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "auth/credential.h"
#include "auth/key_set.h"
#include "base/result.h"
#include "front/permission.h"
#include "front/tokens.h"
#include "net/request.h"
#include "telemetry/metrics.h"
#include "threads/snapshot.h"

namespace front {

// Stands at the door: lets a request in if its credential permits what its route asks for: a key,
// or an access token where the server takes those. Costs one hash at most, but for a token that is
// new (Tokens). Without keys and tokens everybody is let in; such a server listens on loopback
// only.
//   sooth_keys_refused_total{reason}: missing, unclear, not_accepted, not_permitted
// Any thread may ask.
class Guard {
 public:
  using Keys = threads::Snapshot<auth::KeySet>;
  using WallClock = std::function<std::chrono::system_clock::time_point()>;

  // `keys` and `tokens` may be null, and outlive the guard, as do the metrics.
  Guard(const Keys* keys, Tokens* tokens, WallClock wall_now, telemetry::Metrics& metrics);

  bool asks_for_credentials() const { return keys_ != nullptr || tokens_ != nullptr; }

  // `endpoint` is the name of the one that is asked for, or auth::kEveryEndpoint for what belongs
  // to none. Unauthenticated or Denied, with a message for the client.
  base::Result<void> admit(Permission permission, std::string_view endpoint,
                           const net::RequestHead& head) const;

  // The value of WWW-Authenticate for a head that was Unauthenticated (RFC 6750, section 3).
  std::string_view challenge(const net::RequestHead& head) const;

 private:
  // What has the form of a key goes to the keys, however it came; what else came as Bearer is a
  // token, where the server takes any.
  bool is_token(const auth::Credential& credential) const {
    return tokens_ != nullptr && credential.bearer && !auth::has_key_form(credential.text);
  }
  base::Result<void> check(const auth::Credential& credential, std::string_view endpoint,
                           auth::Scope scope) const;
  base::Error expected(std::string_view count) const;

  const Keys* const keys_;
  Tokens* const tokens_;
  const WallClock wall_now_;
  telemetry::Counter& missing_;
  telemetry::Counter& unclear_;
  telemetry::Counter& not_accepted_;
  telemetry::Counter& not_permitted_;
};

// Whether a head has anything by way of a credential, good or not.
bool brings_credential(const net::RequestHead& head);

// Whose credential is in a head that was admitted, for logs: the public id of the key, or "token/"
// and the client that a token is of; else "certificate/" and the client's name of the connection's
// certificate; "" where there is none of them.
std::string caller_of(const net::RequestHead& head, std::string_view certified);

}  // namespace front
