#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/public_key.h"
#include "base/digest.h"
#include "base/result.h"

namespace auth {

constexpr std::size_t kTokenKeysMax = 64;
constexpr std::size_t kTokenKeysBytesMax = 256U << 10U;

// A key that tokens may be signed with.
struct TokenKey {
  std::string id;         // Its "kid"; empty where the set gives it none.
  Algorithms algorithms;  // The one that the set names, or all that the kind of the key permits.
  PublicKey key;
};

// An issuer's keys, from its JSON Web Key Set (RFC 7517): immutable, so that threads share it, and
// replaced whole. What is not for signing, or of a kind that is not known here, is passed over. A
// key that is wrong is not taken, and the others are, so that one bad key does not keep a withdrawn
// one in use: too short, not on its curve, symmetric, or published with its private half.
class TokenKeys {
 public:
  // Refuses what is no set, two keys of one id, more than kTokenKeysMax or kTokenKeysBytesMax.
  static base::Result<TokenKeys> parse(std::string_view text);

  const TokenKey* find(std::string_view id) const;
  // For a token that names no key: the only one that it can be; null where it may be several.
  const TokenKey* find_only(Algorithm algorithm) const;

  const std::vector<TokenKey>& keys() const { return keys_; }
  const std::vector<std::string>& refused() const { return refused_; }  // Why, of each bad key.
  const base::Digest& digest() const { return digest_; }                // Of the set's text.

 private:
  TokenKeys() = default;

  std::vector<TokenKey> keys_;
  std::vector<std::string> refused_;
  base::Digest digest_;
};

}  // namespace auth
