#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "auth/claims.h"
#include "auth/jwks.h"

namespace auth {

constexpr std::size_t kTokenBytesMax = 16U << 10U;

// Checks access tokens: JSON Web Tokens (RFC 7519) in the compact form that an issuer signed
// (RFC 7515), by the rules of RFC 8725. Immutable; any thread may use it. Reads no clock.
//
// The key decides how a token is signed: its header names the key, and the algorithm that it names
// has to be the key's own and one of the rules'. Refuses anything that would have a token bring its
// own key or a form that is not read here: "none" and HS*, `jku`, `x5u`, `jwk`, `x5c`, `crit`,
// `zip`, `b64`, `cty`, encrypted tokens, other `typ` than JWT and at+jwt; and all that has more
// than one reading: base64url that is not canonical, names that stand twice, what is not UTF-8.
// The signature is checked before a claim is read: what a stranger can make it do is to decode a
// header and check one signature.
class TokenVerifier {
 public:
  // Precondition: check_rules() takes them.
  explicit TokenVerifier(TokenRules rules) : rules_(std::move(rules)) {}

  // Who the token is of, or why it is not taken. What an identity permits is another question.
  TokenVerdict verify(std::string_view token, const TokenKeys& keys, Timestamp now) const;

  const TokenRules& rules() const { return rules_; }

 private:
  const TokenRules rules_;
};

// The client of a token that was accepted, for logs; "" of a text that is none.
std::string token_client(std::string_view token);

}  // namespace auth
