#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key.h"

namespace auth {

constexpr std::size_t kKeysMax = 10'000;
constexpr std::size_t kKeyFileBytesMax = 8U << 20U;

// Who a request comes from, in views of the set that said so.
struct Identity {
  std::string_view key_id;
  std::string_view client;
};

// The keys that a server accepts: immutable, so that threads share it, and replaced whole. As text
// it is the file keys.json that a server watches and a Kubernetes Secret holds:
//   {"version": 1,
//    "keys": [{"id": "...", "client": "shop", "endpoint": "faq", "scope": ["score"],
//              "slot": "primary", "created": "2026-01-02T03:04:05Z",
//              "expires": "2027-01-02T03:04:05Z", "digest": "sha256:..."}]}
// "expires" may be left out, everything else must be there, and nothing else may.
class KeySet {
 public:
  // Refuses two records of one id, and more than kKeysMax.
  static base::Result<KeySet> make(std::vector<KeyRecord> records);
  static base::Result<KeySet> parse(std::string_view text);

  // Unauthenticated unless `text` is a key of the set that has not expired; Denied unless its
  // endpoint and scope permit what is asked. Neither message says more. An id that nobody has
  // takes the way that a wrong secret takes.
  base::Result<Identity> check(std::string_view text, std::string_view endpoint, Scope scope,
                               Timestamp now) const;

  const std::vector<KeyRecord>& records() const { return records_; }  // By id.
  std::string json() const;

 private:
  explicit KeySet(std::vector<KeyRecord> records);

  std::vector<KeyRecord> records_;
  base::Digest decoy_;  // Compared with where no record has the id.
};

}  // namespace auth
