#include "auth/token.h"

#include <array>
#include <optional>
#include <variant>

#include "auth/base64url.h"
#include "auth/json_document.h"

// <header>.<claims>.<signature>, each base64url: two JSON objects and the signature of all that
// stands before the second dot.

namespace auth {
namespace {

using nlohmann::json;

constexpr int kHeaderDepthMax = 8;
constexpr std::size_t kHeaderKeyIdBytesMax = 256;
// What would change how the rest is to be read, or bring a key along.
constexpr std::array kRefusedMembers = {"crit", "jku", "x5u", "jwk", "x5c",
                                        "zip",  "b64", "cty", "enc"};

struct Parts {
  std::string header;
  std::string_view claims;  // Still base64url.
  std::string signature;
  std::string_view is_signed;
};

struct TokenHeader {
  Algorithm algorithm;
  std::string key_id;  // Empty: it names none.
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  // A third would make it an encrypted one.
  if (second == std::string_view::npos || second != token.rfind('.')) return std::nullopt;
  auto header = base64url_decode(token.substr(0, first));
  auto signature = base64url_decode(token.substr(second + 1));
  if (!header || !signature || signature->empty()) return std::nullopt;
  return Parts{*std::move(header), token.substr(first + 1, second - first - 1),
               *std::move(signature), token.substr(0, second)};
}

// A media type, whose case and "application/" in front do not count (RFC 7515, section 4.1.9).
bool is_type_of_access_tokens(std::string_view type) {
  std::string lower(type);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  constexpr std::string_view kApplication = "application/";
  std::string_view name = lower;
  if (name.starts_with(kApplication)) name.remove_prefix(kApplication.size());
  return name == "jwt" || name == "at+jwt";
}

std::variant<TokenHeader, TokenFault> read_header(std::string_view text) {
  const auto header = read_document(text, "header", kHeaderDepthMax);
  if (!header.ok()) return TokenFault::Malformed;
  for (const char* const name : kRefusedMembers) {
    if (find_member(*header, name) != nullptr) return TokenFault::Malformed;
  }
  if (find_member(*header, "typ") != nullptr) {
    const std::string* const type = find_text(*header, "typ");
    if (type == nullptr) return TokenFault::Malformed;
    if (!is_type_of_access_tokens(*type)) return TokenFault::Kind;
  }
  TokenHeader read{};
  if (find_member(*header, "kid") != nullptr) {
    const std::string* const id = find_text(*header, "kid");
    if (id == nullptr || id->empty() || id->size() > kHeaderKeyIdBytesMax) {
      return TokenFault::Malformed;
    }
    read.key_id = *id;
  }
  const std::string* const name = find_text(*header, "alg");
  if (name == nullptr) return TokenFault::Malformed;
  const auto algorithm = find_algorithm(*name);
  if (!algorithm) return TokenFault::Algorithm;
  read.algorithm = *algorithm;
  return read;
}

}  // namespace

TokenVerdict TokenVerifier::verify(std::string_view token, const TokenKeys& keys,
                                   Timestamp now) const {
  const auto parts = split(token);
  if (!parts) return TokenFault::Malformed;
  const auto read = read_header(parts->header);
  if (const auto* const fault = std::get_if<TokenFault>(&read)) return *fault;
  const auto& header = *std::get_if<TokenHeader>(&read);
  if (!rules_.algorithms.contains(header.algorithm)) return TokenFault::Algorithm;
  const TokenKey* const key =
      header.key_id.empty() ? keys.find_only(header.algorithm) : keys.find(header.key_id);
  if (key == nullptr) return TokenFault::UnknownKey;
  if (!key->algorithms.contains(header.algorithm)) return TokenFault::Algorithm;
  if (!key->key.verifies(header.algorithm, parts->is_signed, parts->signature)) {
    return TokenFault::Signature;
  }
  const auto claims = base64url_decode(parts->claims);
  if (!claims) return TokenFault::Malformed;
  return check_claims(*claims, rules_, now);
}

std::string token_client(std::string_view token) {
  const auto parts = split(token);
  const auto claims = parts ? base64url_decode(parts->claims) : std::nullopt;
  return claims ? client_of_claims(*claims) : "";
}

}  // namespace auth
