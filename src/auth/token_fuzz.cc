#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "auth/base64url.h"
#include "auth/token.h"

// The first byte chooses what the rest is:
//   0  a token as it comes. Nobody has signed it, so it is refused.
//   1  a header, a line end, and claims, signed by nobody.
//   2  claims that the issuer has signed: who is accepted is what the rules ask for.

namespace {

constexpr std::string_view kKnownKeys = R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed",)"
                                        R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},)"
                                        R"({"kty":"EC","crv":"P-256","kid":"es",)"
                                        R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
// Of the first key (RFC 8037, appendix A.1).
constexpr std::string_view kSecret = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr auth::Timestamp kMoment{std::chrono::seconds(1'767'323'045)};

const auth::TokenKeys& known_keys() {
  static const auth::TokenKeys keys = *auth::TokenKeys::parse(kKnownKeys);
  return keys;
}

const auth::TokenVerifier& verifier() {
  static const auth::TokenVerifier made({.issuer = "https://i.example",
                                         .audiences = {"api"},
                                         .algorithms = auth::kEveryAlgorithm,
                                         .word_prefix = "S."});
  return made;
}

std::string sign(std::string_view text) {
  static const std::string secret = *auth::base64url_decode(kSecret);
  static const std::shared_ptr<EVP_PKEY> key(
      ::EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                     reinterpret_cast<const unsigned char*>(secret.data()),
                                     secret.size()),
      ::EVP_PKEY_free);
  EVP_MD_CTX* const context = ::EVP_MD_CTX_new();
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  const bool done =
      ::EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key.get()) == 1 &&
      ::EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ::EVP_MD_CTX_free(context);
  if (!done) std::abort();
  return signature;
}

void check_unsigned(std::string_view token) {
  const auth::TokenVerdict verdict = verifier().verify(token, known_keys(), kMoment);
  if (std::holds_alternative<auth::TokenIdentity>(verdict)) std::abort();
  static_cast<void>(auth::token_client(token));
}

void check_signed(std::string_view claims) {
  std::string token = auth::base64url_encode(R"({"alg":"EdDSA","kid":"ed"})") + "." +
                      auth::base64url_encode(claims);
  token += "." + auth::base64url_encode(sign(token));
  const auth::TokenVerdict verdict = verifier().verify(token, known_keys(), kMoment);
  const auto* const fault = std::get_if<auth::TokenFault>(&verdict);
  if (fault != nullptr) {
    if (*fault == auth::TokenFault::Signature || *fault == auth::TokenFault::UnknownKey) {
      std::abort();
    }
    return;
  }
  const auto& identity = *std::get_if<auth::TokenIdentity>(&verdict);
  const bool hidden = std::any_of(identity.client.begin(), identity.client.end(),
                                  [](char c) { return c <= ' ' || c > '~'; });
  if (hidden || identity.client.size() > 64 || identity.client != auth::token_client(token)) {
    std::abort();
  }
  if (identity.valid_from > kMoment || identity.valid_until <= kMoment) std::abort();
  // A grant needs its word.
  if (!identity.grants.empty() && claims.find("S.") == std::string_view::npos &&
      claims.find('\\') == std::string_view::npos) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 3 == 0) check_unsigned(text);
  if (data[0] % 3 == 1) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    check_unsigned(auth::base64url_encode(text.substr(0, end)) + "." +
                   auth::base64url_encode(text.substr(std::min(end + 1, text.size()))) + "." +
                   auth::base64url_encode(std::string(64, '\x01')));
  }
  if (data[0] % 3 == 2) check_signed(text);
  return 0;
}
