#include "auth/key_set.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace auth {

KeySet::KeySet(std::vector<KeyRecord> records)
    : records_(std::move(records)), decoy_(base::Digest::of(std::string_view("no key"))) {}

base::Result<KeySet> KeySet::make(std::vector<KeyRecord> records) {
  if (records.size() > kKeysMax) {
    return base::Error(base::Code::Exhausted,
                       fmt::format("keys: expected at most {}, got {}", kKeysMax, records.size()));
  }
  std::sort(records.begin(), records.end(),
            [](const KeyRecord& a, const KeyRecord& b) { return a.id < b.id; });
  const auto twice =
      std::adjacent_find(records.begin(), records.end(),
                         [](const KeyRecord& a, const KeyRecord& b) { return a.id == b.id; });
  if (twice != records.end()) {
    return base::Error(
        base::Code::Invalid,
        fmt::format("key {}: expected one of this id, got several", base::quote(twice->id)));
  }
  for (const KeyRecord& record : records) TRY(check_record(record));
  return KeySet(std::move(records));
}

base::Result<Identity> KeySet::check(std::string_view text, std::string_view endpoint, Scope scope,
                                     Timestamp now) const {
  const auto unknown = [] {
    return base::Error(base::Code::Unauthenticated, "the key is not accepted");
  };
  const auto key = PresentedKey::parse(text);
  if (!key) return unknown();
  const auto at =
      std::lower_bound(records_.begin(), records_.end(), key->id,
                       [](const KeyRecord& record, std::string_view id) { return record.id < id; });
  const bool known = at != records_.end() && at->id == key->id;
  const bool right = opens(*key, known ? at->digest : decoy_);
  if (!known || !right || (at->expires && *at->expires <= now)) return unknown();
  const bool here = covers(at->endpoint, endpoint);
  if (!here || !at->scope.contains(scope)) {
    return base::Error(base::Code::Denied, "the key does not permit this");
  }
  return Identity{at->id, at->client};
}

}  // namespace auth
