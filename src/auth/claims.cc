#include "auth/claims.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "auth/json_document.h"
#include "auth/key.h"
#include "base/text.h"

namespace auth {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr int kClaimsDepthMax = 8;
constexpr std::size_t kIssuerBytesMax = 2048;
constexpr std::size_t kGrantsMax = 128;
constexpr std::size_t kClientLettersMax = 64;
constexpr double kLastSecond = 253'402'300'799;  // Of the year 9999.

// Only tokens of other kinds have these: ID tokens (OpenID Connect Core, section 2), events
// (RFC 8417), and tokens that only the holder of a key may use (RFC 7800), who would have to prove
// it.
constexpr std::array kClaimsOfOtherKinds = {"nonce",  "at_hash", "c_hash",
                                            "s_hash", "events",  "cnf"};
// Microsoft Entra's sign that a user has more groups than fit into a token.
constexpr std::array kClaimsOfOverage = {"_claim_names", "_claim_sources", "hasgroups"};
constexpr std::array kClaimsOfClients = {"azp", "appid", "client_id", "sub"};

bool holds(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool has_any(const json& claims, std::span<const char* const> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return find_member(claims, name) != nullptr; });
}

// Keycloak says in `typ`, Amazon Cognito in `token_use` what a token is for.
bool is_access_token(const json& claims) {
  if (has_any(claims, kClaimsOfOtherKinds)) return false;
  if (const json* const type = find_member(claims, "typ"); type != nullptr) {
    if (*type != "Bearer" && *type != "JWT" && *type != "at+jwt") return false;
  }
  const json* const use = find_member(claims, "token_use");
  return use == nullptr || *use == "access";
}

bool is_for(const json& claims, const std::vector<std::string>& audiences) {
  const json* const audience = find_member(claims, "aud");
  if (audience == nullptr) return false;
  const auto named = [&](const json& each) {
    const auto* const text = each.get_ptr<const std::string*>();
    return text != nullptr && holds(audiences, *text);
  };
  if (!audience->is_array()) return named(*audience);
  return std::any_of(audience->begin(), audience->end(), named);
}

std::optional<TokenFault> check_origin(const json& claims, const TokenRules& rules) {
  const std::string* const issuer = find_text(claims, "iss");
  const std::string* const tenant = find_text(claims, "tid");
  if (!rules.tenants.empty() && (tenant == nullptr || !holds(rules.tenants, *tenant))) {
    return TokenFault::Tenant;
  }
  std::string expected = rules.issuer;
  const std::size_t mark = expected.find(kTenantMark);
  if (mark != std::string::npos) {
    if (tenant == nullptr) return TokenFault::Tenant;
    expected.replace(mark, kTenantMark.size(), *tenant);
  }
  if (issuer == nullptr || *issuer != expected) return TokenFault::Issuer;
  if (!is_for(claims, rules.audiences)) return TokenFault::Audience;
  return std::nullopt;
}

// Seconds since 1970, which may have a fraction; nothing where it is none.
std::optional<Timestamp> moment_of(const json& value) {
  if (!value.is_number()) return std::nullopt;
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= kLastSecond)) return std::nullopt;
  return Timestamp(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

// Sets from when and until when the token is good.
std::optional<TokenFault> check_times(const json& claims, const TokenRules& rules, Timestamp now,
                                      TokenIdentity& identity) {
  const json* const expires = find_member(claims, "exp");
  const auto end = expires == nullptr ? std::nullopt : moment_of(*expires);
  if (!end) return TokenFault::Malformed;
  Timestamp start;
  for (const char* const name : {"nbf", "iat"}) {
    const json* const value = find_member(claims, name);
    if (value == nullptr) continue;
    const auto moment = moment_of(*value);
    if (!moment) return TokenFault::Malformed;
    start = std::max(start, *moment);
  }
  identity.valid_from = start - rules.leeway;
  identity.valid_until = *end + rules.leeway;
  if (now >= identity.valid_until) return TokenFault::Expired;
  if (now < identity.valid_from) return TokenFault::NotYetValid;
  return std::nullopt;
}

// The words of a text with spaces between them, or of a list of texts; nothing for other values.
std::optional<std::vector<std::string_view>> words_of(const json& value) {
  std::vector<std::string_view> words;
  if (const auto* const text = value.get_ptr<const std::string*>()) {
    std::string_view rest = *text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end > 0) words.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return words;
  }
  if (!value.is_array()) return std::nullopt;
  for (const json& each : value) {
    const auto* const word = each.get_ptr<const std::string*>();
    if (word == nullptr) return std::nullopt;
    words.push_back(*word);
  }
  return words;
}

void add_grant(std::string_view word, const TokenRules& rules,
               std::vector<TokenIdentity::Grant>& grants) {
  if (!word.starts_with(rules.word_prefix)) return;
  word.remove_prefix(rules.word_prefix.size());
  const std::size_t colon = word.find(':');
  const auto scope = find_scope(word.substr(0, colon));
  if (!scope) return;
  std::string_view endpoint = kEveryEndpoint;
  if (colon != std::string_view::npos) {
    endpoint = word.substr(colon + 1);
    if (endpoint == kEveryEndpoint || !is_endpoint(endpoint)) return;
  }
  for (auto& grant : grants) {
    if (grant.endpoint != endpoint) continue;
    grant.scope.add(*scope);
    return;
  }
  // An endpoint past those is not granted: who knows so many asks for all.
  if (grants.size() < kGrantsMax) grants.push_back({std::string(endpoint), {*scope}});
}

std::optional<TokenFault> read_grants(const json& claims, const TokenRules& rules,
                                      TokenIdentity& identity) {
  const json* const scp = find_member(claims, "scp");
  const json* const scope = find_member(claims, "scope");
  if (scp != nullptr && scope != nullptr) return TokenFault::Malformed;
  const json* granted = scp != nullptr ? scp : scope;
  if (granted == nullptr) {
    granted = find_member(claims, "roles");
    if (granted == nullptr) return std::nullopt;
    if (!granted->is_array()) return TokenFault::Malformed;
  }
  const auto words = words_of(*granted);
  if (!words) return TokenFault::Malformed;
  for (const std::string_view word : *words) add_grant(word, rules, identity.grants);
  return std::nullopt;
}

// Nothing where one that names the client is no text.
std::optional<std::string> client_of(const json& claims) {
  for (const char* const name : kClaimsOfClients) {
    if (find_member(claims, name) == nullptr) continue;
    const std::string* const text = find_text(claims, name);
    if (text == nullptr) return std::nullopt;
    std::string client = text->substr(0, kClientLettersMax);
    for (char& c : client) {
      if (c <= ' ' || c > '~') c = '_';
    }
    return client;
  }
  return "";
}

}  // namespace

base::Result<void> check_rules(const TokenRules& rules) {
  const auto bad = [](std::string message) { return Error(Code::Invalid, std::move(message)); };
  if (rules.issuer.empty() || rules.issuer.size() > kIssuerBytesMax) {
    return bad(fmt::format("issuer {}: expected the text that tokens have as \"iss\"",
                           base::quote(rules.issuer)));
  }
  if (rules.audiences.empty() || holds(rules.audiences, "")) {
    return bad("audience: expected what tokens for this server have as \"aud\", got none");
  }
  if (rules.algorithms.empty()) {
    return bad(fmt::format("algorithms: expected some of {}, got none", kEveryAlgorithm.names()));
  }
  if (rules.tenants.empty() && rules.issuer.find(kTenantMark) != std::string::npos) {
    return bad(fmt::format("issuer {}: expected the tenants that are meant, got none",
                           base::quote(rules.issuer)));
  }
  return {};
}

std::string_view fault_name(TokenFault fault) {
  switch (fault) {
    case TokenFault::Malformed: return "malformed";
    case TokenFault::Algorithm: return "algorithm";
    case TokenFault::UnknownKey: return "unknown_key";
    case TokenFault::NoKeys: return "no_keys";
    case TokenFault::Signature: return "signature";
    case TokenFault::Kind: return "kind";
    case TokenFault::Issuer: return "issuer";
    case TokenFault::Audience: return "audience";
    case TokenFault::Tenant: return "tenant";
    case TokenFault::Expired: return "expired";
    case TokenFault::NotYetValid: return "not_yet_valid";
    case TokenFault::Overage: return "overage";
  }
  return "";
}

bool TokenIdentity::permits(std::string_view endpoint, Scope scope) const {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    const bool here = covers(grant.endpoint, endpoint);
    return here && grant.scope.contains(scope);
  });
}

TokenVerdict check_claims(std::string_view text, const TokenRules& rules, Timestamp now) {
  const auto claims = read_document(text, "claims", kClaimsDepthMax);
  if (!claims.ok()) return TokenFault::Malformed;
  if (!is_access_token(*claims)) return TokenFault::Kind;
  TokenIdentity identity;
  if (const auto fault = check_origin(*claims, rules)) return *fault;
  if (const auto fault = check_times(*claims, rules, now, identity)) return *fault;
  if (has_any(*claims, kClaimsOfOverage)) return TokenFault::Overage;
  if (const auto fault = read_grants(*claims, rules, identity)) return *fault;
  auto client = client_of(*claims);
  if (!client) return TokenFault::Malformed;
  identity.client = *std::move(client);
  return identity;
}

std::string client_of_claims(std::string_view text) {
  const auto claims = read_document(text, "claims", kClaimsDepthMax);
  if (!claims.ok()) return "";
  return client_of(*claims).value_or("");
}

}  // namespace auth
