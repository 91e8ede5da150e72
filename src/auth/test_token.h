#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "auth/algorithm.h"
#include "auth/base64url.h"
#include "auth/timestamp.h"

// For tests: an issuer's keys, and tokens that it signs.

namespace auth {

class TestKey {
 public:
  TestKey(std::string id, Algorithm algorithm, unsigned rsa_bits = 2048)
      : id_(std::move(id)), algorithm_(algorithm) {
    EVP_PKEY* made = nullptr;
    if (algorithm == Algorithm::Es256) made = EVP_EC_gen("P-256");
    if (algorithm == Algorithm::EdDsa) made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (made == nullptr) made = EVP_RSA_gen(rsa_bits);
    key_.reset(made, ::EVP_PKEY_free);
  }

  const std::string& id() const { return id_; }
  Algorithm algorithm() const { return algorithm_; }

  // The public half, with `more` members behind the others: R"(,"use":"sig")".
  std::string jwk(std::string_view more = "") const {
    const std::string kid = id_.empty() ? "" : fmt::format(R"("kid":"{}",)", id_);
    return fmt::format("{{{}{}{}}}", kid, members(), more);
  }
  std::string members() const {
    if (algorithm_ == Algorithm::EdDsa) {
      std::string point(32, '\0');
      std::size_t size = point.size();
      ::EVP_PKEY_get_raw_public_key(key_.get(), bytes(point), &size);
      return fmt::format(R"("kty":"OKP","crv":"Ed25519","x":"{}")", base64url_encode(point));
    }
    if (algorithm_ == Algorithm::Es256) {
      return fmt::format(R"("kty":"EC","crv":"P-256","x":"{}","y":"{}")",
                         base64url_encode(number(OSSL_PKEY_PARAM_EC_PUB_X, 32)),
                         base64url_encode(number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
    }
    return fmt::format(R"("kty":"RSA","n":"{}","e":"{}")", base64url_encode(modulus()),
                       base64url_encode(number(OSSL_PKEY_PARAM_RSA_E)));
  }
  std::string modulus() const { return number(OSSL_PKEY_PARAM_RSA_N); }

  std::string sign(std::string_view text) const {
    EVP_MD_CTX* const context = ::EVP_MD_CTX_new();
    EVP_PKEY_CTX* of_key = nullptr;
    const EVP_MD* const digest = algorithm_ == Algorithm::EdDsa ? nullptr : ::EVP_sha256();
    ::EVP_DigestSignInit(context, &of_key, digest, nullptr, key_.get());
    if (algorithm_ == Algorithm::Ps256) {
      ::EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING);
      ::EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string signature(2048, '\0');
    std::size_t size = signature.size();
    ::EVP_DigestSign(context, bytes(signature), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
    ::EVP_MD_CTX_free(context);
    signature.resize(size);
    return algorithm_ == Algorithm::Es256 ? raw(signature) : signature;
  }

  // A token of these claims, signed; the header as given, or the usual one.
  std::string token(std::string_view claims, std::string_view header = "") const {
    const std::string usual =
        fmt::format(R"({{"alg":"{}","typ":"at+jwt","kid":"{}"}})", algorithm_name(algorithm_), id_);
    const std::string text =
        base64url_encode(header.empty() ? usual : header) + "." + base64url_encode(claims);
    return text + "." + base64url_encode(sign(text));
  }

 private:
  static unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
  }
  std::string number(const char* name, int width = 0) const {
    BIGNUM* value = nullptr;
    ::EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string text(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value)), '\0');
    ::BN_bn2binpad(value, bytes(text), static_cast<int>(text.size()));
    ::BN_free(value);
    return text;
  }
  static std::string raw(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* const pair = ::d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string text(64, '\0');
    ::BN_bn2binpad(::ECDSA_SIG_get0_r(pair), bytes(text), 32);
    ::BN_bn2binpad(::ECDSA_SIG_get0_s(pair), bytes(text) + 32, 32);
    ::ECDSA_SIG_free(pair);
    return text;
  }

  std::string id_;
  Algorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

// One for each algorithm, made once: an RSA key takes its time.
inline const TestKey& test_key(Algorithm algorithm) {
  static const std::vector<TestKey> keys = {{"rs", Algorithm::Rs256},
                                            {"ps", Algorithm::Ps256},
                                            {"es", Algorithm::Es256},
                                            {"ed", Algorithm::EdDsa}};
  return keys[static_cast<std::size_t>(algorithm)];
}

inline std::string jwks_of(const std::vector<std::string>& keys) {
  return fmt::format(R"({{"keys":[{}]}})", fmt::join(keys, ","));
}
inline std::string test_jwks() {
  return jwks_of({test_key(Algorithm::Rs256).jwk(), test_key(Algorithm::Ps256).jwk(),
                  test_key(Algorithm::Es256).jwk(), test_key(Algorithm::EdDsa).jwk()});
}

inline constexpr std::string_view kTestIssuer = "https://issuer.example/";
inline constexpr std::string_view kTestAudience = "api://sooth";

// Claims that open everything for an hour, with `more` members behind the others.
inline std::string test_claims(Timestamp now, std::string_view more = "",
                               std::string_view scp = "score metrics") {
  const auto seconds = now.time_since_epoch().count();
  return fmt::format(
      R"({{"iss":"{}","aud":"{}","azp":"shop","scp":"{}","nbf":{},"iat":{},"exp":{}{}}})",
      kTestIssuer, kTestAudience, scp, seconds, seconds, seconds + 3600, more);
}

}  // namespace auth
