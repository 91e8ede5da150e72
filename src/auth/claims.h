#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/algorithm.h"
#include "auth/scope.h"
#include "auth/timestamp.h"
#include "base/result.h"

// What an issuer's token says, and what comes of it here. Pure: text and rules in, a verdict out;
// whether the text is the issuer's own has been found out before (token.h).

namespace auth {

// Stands in TokenRules::issuer for the token's tenant: issuers of Microsoft Entra that serve many.
inline constexpr std::string_view kTenantMark = "{tenantid}";

// Which tokens a server takes.
struct TokenRules {
  std::string issuer;                  // `iss`, to the letter but for kTenantMark.
  std::vector<std::string> audiences;  // One of them must be in `aud`, to the letter.
  Algorithms algorithms = {Algorithm::Rs256, Algorithm::Es256};
  std::vector<std::string> tenants;  // Where given, `tid` must be one of them.
  std::string word_prefix;           // In front of what is granted: "Sooth." for "Sooth.score".
  std::chrono::seconds leeway{60};   // How far the issuer's clock may be from ours.
};

// Refuses rules without an issuer, an audience or an algorithm, and an issuer of many tenants
// without a list of those that are meant.
base::Result<void> check_rules(const TokenRules& rules);

// Why a token is not taken. None of it is told to who sent it.
enum class TokenFault : std::uint8_t {
  Malformed,   // No token in the one form that is read, or one that asks for what is not done.
  Algorithm,   // Signed as the rules or the key do not permit, or not at all.
  UnknownKey,  // Signed with a key that the issuer has not, or not yet, or no more.
  NoKeys,      // No keys of the issuer are there to check with.
  Signature,   // Not what the issuer signed.
  Kind,        // Not for asking a server: an ID token, one that is bound to a key, and the like.
  Issuer,
  Audience,
  Tenant,
  Expired,
  NotYetValid,
  Overage,  // The groups are elsewhere (`_claim_names`), so what is granted cannot be known.
};
inline constexpr std::size_t kTokenFaults = 12;
std::string_view fault_name(TokenFault fault);  // "not_yet_valid"

// Who a token is of and what it grants.
//
// `scp` (or `scope`) is what a client may do for a user, `roles` what it may do by itself. They are
// never mixed: a token that has `scp` or `scope` grants what stands there, and its `roles`, which
// are the user's, count for nothing. Each is a list of words, `scp` and `scope` also one text with
// spaces between them. A word grants, with TokenRules::word_prefix in front:
//   score       to score at every endpoint     score:faq    at this one
//   metrics     to read the metrics of all     metrics:faq  of this one
// Other words grant nothing.
struct TokenIdentity {
  struct Grant {
    std::string endpoint;  // A name, or kEveryEndpoint.
    Scopes scope;
    bool operator==(const Grant&) const = default;
  };

  // For logs: `azp`, `appid`, `client_id` or `sub`, the first that is there; 64 visible characters
  // of ASCII at most, others as '_'.
  std::string client;
  std::vector<Grant> grants;
  Timestamp valid_from;   // The leeway is in both.
  Timestamp valid_until;  // From then on it opens nothing.

  bool permits(std::string_view endpoint, Scope scope) const;
  bool operator==(const TokenIdentity&) const = default;
};

using TokenVerdict = std::variant<TokenIdentity, TokenFault>;

// The verdict on a token's claims (RFC 7519, section 4; RFC 9068), the JSON between its dots.
TokenVerdict check_claims(std::string_view claims, const TokenRules& rules, Timestamp now);

// What TokenIdentity::client would be, of claims that were checked before; "" of others.
std::string client_of_claims(std::string_view claims);

}  // namespace auth
