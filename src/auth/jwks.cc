#include "auth/jwks.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "auth/base64url.h"
#include "auth/json_document.h"
#include "base/text.h"

// {"keys": [{"kty": "RSA", "kid": "2026-01", "use": "sig", "alg": "RS256", "n": "...", "e":
// "AQAB"},
//           {"kty": "EC", "kid": "...", "crv": "P-256", "x": "...", "y": "..."},
//           {"kty": "OKP", "kid": "...", "crv": "Ed25519", "x": "..."}]}
// Numbers and points are base64url; other members are passed over.

namespace auth {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::json;

constexpr int kSetDepthMax = 8;
constexpr std::size_t kKeyIdBytesMax = 256;
// What only the owner of a key may know (RFC 7518, section 6), "k" being a whole secret.
constexpr std::array kPrivateMembers = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
constexpr std::array kTextMembers = {"kty", "use", "kid", "alg", "crv", "n", "e", "x", "y"};

Error expected_of_key(std::string text) { return {Code::Invalid, "expected " + std::move(text)}; }

Result<std::string> number_at(const json& key, const char* name) {
  const std::string* const text = find_text(key, name);
  auto bytes = text == nullptr ? std::nullopt : base64url_decode(*text);
  if (!bytes) return expected_of_key(fmt::format("base64url as \"{}\"", name));
  return *std::move(bytes);
}

Result<void> check_members(const json& key) {
  for (const char* const name : kPrivateMembers) {
    if (find_member(key, name) != nullptr) {
      return expected_of_key(fmt::format("a public key, got the private \"{}\"; replace it", name));
    }
  }
  for (const char* const name : kTextMembers) {
    if (find_member(key, name) != nullptr && find_text(key, name) == nullptr) {
      return expected_of_key(fmt::format("a text as \"{}\"", name));
    }
  }
  const std::string* const id = find_text(key, "kid");
  if (id != nullptr && (id->empty() || id->size() > kKeyIdBytesMax)) {
    return expected_of_key(fmt::format("1 to {} bytes as \"kid\"", kKeyIdBytesMax));
  }
  return {};
}

bool is_for_signatures(const json& key) {
  const std::string* const use = find_text(key, "use");
  if (use != nullptr && *use != "sig") return false;
  const json* const operations = find_member(key, "key_ops");
  if (operations == nullptr) return true;
  return operations->is_array() &&
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

// Nothing for a kind that is not known here.
Result<std::optional<PublicKey>> public_key_of(const json& key) {
  const std::string* const kind = find_text(key, "kty");
  const std::string* const curve = find_text(key, "crv");
  if (kind == nullptr) return expected_of_key("a text as \"kty\"");
  if (*kind == "RSA") {
    TRY_ASSIGN(const std::string modulus, number_at(key, "n"));
    TRY_ASSIGN(const std::string exponent, number_at(key, "e"));
    TRY_ASSIGN(PublicKey made, PublicKey::rsa(modulus, exponent));
    return std::optional(std::move(made));
  }
  if (*kind == "EC" && curve != nullptr && *curve == "P-256") {
    TRY_ASSIGN(const std::string x, number_at(key, "x"));
    TRY_ASSIGN(const std::string y, number_at(key, "y"));
    TRY_ASSIGN(PublicKey made, PublicKey::p256(x, y));
    return std::optional(std::move(made));
  }
  if (*kind == "OKP" && curve != nullptr && *curve == "Ed25519") {
    TRY_ASSIGN(const std::string point, number_at(key, "x"));
    TRY_ASSIGN(PublicKey made, PublicKey::ed25519(point));
    return std::optional(std::move(made));
  }
  return std::optional<PublicKey>();
}

// Nothing for one that is passed over.
Result<std::optional<TokenKey>> token_key_of(const json& key) {
  if (!key.is_object()) return expected_of_key("an object");
  TRY(check_members(key));
  if (!is_for_signatures(key)) return std::optional<TokenKey>();
  TRY_ASSIGN(std::optional<PublicKey> made, public_key_of(key));
  if (!made) return std::optional<TokenKey>();
  const std::string* const id = find_text(key, "kid");
  TokenKey token_key{id == nullptr ? "" : *id, made->algorithms(), *std::move(made)};
  if (const std::string* const name = find_text(key, "alg")) {
    const auto algorithm = find_algorithm(*name);
    if (!algorithm) return std::optional<TokenKey>();
    if (!token_key.algorithms.contains(*algorithm)) {
      return expected_of_key(fmt::format("{} as \"alg\" of such a key, got {}",
                                         token_key.algorithms.names(), base::quote(*name)));
    }
    token_key.algorithms = {*algorithm};
  }
  return std::optional(std::move(token_key));
}

}  // namespace

Result<TokenKeys> TokenKeys::parse(std::string_view text) {
  constexpr std::string_view kWhat = "token keys";
  if (text.size() > kTokenKeysBytesMax) {
    return Error(Code::Exhausted, fmt::format("{}: expected at most {}", kWhat,
                                              base::human_bytes(kTokenKeysBytesMax)));
  }
  TRY_ASSIGN(const json document, read_document(text, kWhat, kSetDepthMax));
  const json* const keys = find_member(document, "keys");
  if (keys == nullptr || !keys->is_array()) {
    return Error(Code::Invalid, fmt::format("{}: expected an array as \"keys\"", kWhat));
  }
  if (keys->size() > kTokenKeysMax) {
    return Error(Code::Exhausted, fmt::format("{}: expected at most {} keys, got {}", kWhat,
                                              kTokenKeysMax, keys->size()));
  }
  TokenKeys set;
  set.digest_ = base::Digest::of(text);
  for (std::size_t i = 0; i < keys->size(); ++i) {
    auto key = token_key_of((*keys)[i]);
    if (!key.ok()) {
      set.refused_.push_back(fmt::format("keys[{}]: {}", i, key.error().message()));
      continue;
    }
    if (!*key) continue;
    if (!(*key)->id.empty() && set.find((*key)->id) != nullptr) {
      return Error(Code::Invalid, fmt::format("{}: expected one key of the id {}, got several",
                                              kWhat, base::quote((*key)->id)));
    }
    set.keys_.push_back(**std::move(key));
  }
  return set;
}

const TokenKey* TokenKeys::find(std::string_view id) const {
  const auto at =
      std::find_if(keys_.begin(), keys_.end(), [id](const TokenKey& key) { return key.id == id; });
  return at == keys_.end() ? nullptr : &*at;
}

const TokenKey* TokenKeys::find_only(Algorithm algorithm) const {
  const TokenKey* only = nullptr;
  for (const TokenKey& key : keys_) {
    if (!key.algorithms.contains(algorithm)) continue;
    if (only != nullptr) return nullptr;
    only = &key;
  }
  return only;
}

}  // namespace auth
