#include "auth/keys.h"

#include <algorithm>

#include <fmt/format.h>

#include "auth/key_set.h"
#include "base/text.h"

namespace auth {
namespace {

using base::Code;
using base::Error;

base::Result<const KeyRecord*> find_key(std::span<const KeyRecord> records, std::string_view id) {
  const auto at = std::find_if(records.begin(), records.end(),
                               [&](const KeyRecord& record) { return record.id == id; });
  if (at != records.end()) return &*at;
  return Error(Code::NotFound, fmt::format("key {}: there is none of this id", base::quote(id)));
}

}  // namespace

base::Result<KeyPair> create_keys(std::span<const KeyRecord> records, const KeyRequest& request,
                                  const Random& random, Timestamp now) {
  const auto same = [&](const KeyRecord& record) {
    return record.client == request.client && record.endpoint == request.endpoint;
  };
  if (std::any_of(records.begin(), records.end(), same)) {
    return Error(
        Code::Conflict,
        fmt::format("client {}: it has keys for endpoint {} already; rotate or revoke them",
                    base::quote(request.client), base::quote(request.endpoint)));
  }
  if (records.size() + 2 > kKeysMax) {
    return Error(Code::Exhausted, fmt::format("keys: expected at most {}", kKeysMax));
  }
  if (request.expires && *request.expires <= now) {
    return Error(Code::Invalid, fmt::format("expires {}: expected a time to come",
                                            format_timestamp(*request.expires)));
  }
  KeyRecord record{.client = request.client,
                   .endpoint = request.endpoint,
                   .scope = request.scope,
                   .slot = Slot::Primary,
                   .created = now,
                   .expires = request.expires};
  TRY_ASSIGN(MintedKey primary, mint(record, random));
  record.slot = Slot::Secondary;
  TRY_ASSIGN(MintedKey secondary, mint(record, random));
  return KeyPair{std::move(primary), std::move(secondary)};
}

base::Result<MintedKey> rotate_key(std::span<const KeyRecord> records, std::string_view id,
                                   const Random& random, Timestamp now) {
  TRY_ASSIGN(const KeyRecord* const old, find_key(records, id));
  KeyRecord record = *old;
  if (record.expires) record.expires = now + (*record.expires - record.created);
  record.created = now;
  return mint(std::move(record), random);
}

base::Result<KeyRecord> revoke_key(std::span<const KeyRecord> records, std::string_view id) {
  TRY_ASSIGN(const KeyRecord* const record, find_key(records, id));
  return *record;
}

}  // namespace auth
