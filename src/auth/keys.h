#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/key.h"

// What `sooth keys` does, as functions of the records there are. The caller stores what comes
// back: nothing here changes anything.

namespace auth {

struct KeyRequest {
  std::string client;
  std::string endpoint;
  Scopes scope = {Scope::Score};
  std::optional<Timestamp> expires;
};

// The two keys of a client for an endpoint.
struct KeyPair {
  MintedKey primary;
  MintedKey secondary;
};

// Refuses a client that has keys for the endpoint already, and a moment of expiry that is past.
base::Result<KeyPair> create_keys(std::span<const KeyRecord> records, const KeyRequest& request,
                                  const Random& random, Timestamp now);

// The same key with a new secret: the old one opens nothing from then on, the client's other key
// does. It lives as long, from now, as it was made to live.
base::Result<MintedKey> rotate_key(std::span<const KeyRecord> records, std::string_view id,
                                   const Random& random, Timestamp now);

// The record to remove.
base::Result<KeyRecord> revoke_key(std::span<const KeyRecord> records, std::string_view id);

}  // namespace auth
