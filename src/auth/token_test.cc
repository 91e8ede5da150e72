#include "auth/token.h"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/base64url.h"
#include "auth/test_time.h"
#include "auth/test_token.h"

namespace auth {
namespace {

class TokenTest : public ::testing::Test {
 protected:
  // The fault's name; "" where it is accepted.
  std::string fault_of(std::string_view token) const {
    const TokenVerdict verdict = verifier_.verify(token, keys_, kNow);
    const auto* const fault = std::get_if<TokenFault>(&verdict);
    return fault == nullptr ? "" : std::string(fault_name(*fault));
  }
  // The same of the P-256 key's token with this header.
  std::string fault_of_header(std::string_view header) const {
    return fault_of(es_.token(claims_, header));
  }

  const TestKey& es_ = test_key(Algorithm::Es256);
  const TestKey& rs_ = test_key(Algorithm::Rs256);
  const std::string claims_ = test_claims(kNow);
  const TokenKeys keys_ = *TokenKeys::parse(test_jwks());
  const TokenVerifier verifier_{{.issuer = std::string(kTestIssuer),
                                 .audiences = {std::string(kTestAudience)},
                                 .algorithms = kEveryAlgorithm}};
};

TEST_F(TokenTest, AcceptsWhatTheIssuerSigned) {
  for (const Algorithm algorithm :
       {Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa}) {
    const std::string token = test_key(algorithm).token(claims_);
    const TokenVerdict verdict = verifier_.verify(token, keys_, kNow);
    const auto* const identity = std::get_if<TokenIdentity>(&verdict);
    ASSERT_NE(identity, nullptr) << algorithm_name(algorithm);
    EXPECT_EQ(identity->client, "shop");
    EXPECT_TRUE(identity->permits("faq", Scope::Score));
    EXPECT_EQ(token_client(token), "shop");
  }
}

TEST_F(TokenTest, TheSignatureIsOfEveryLetter) {
  for (const Algorithm algorithm : {Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa}) {
    const std::string token = test_key(algorithm).token(claims_);
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string other = token;
      other[i] = other[i] == 'A' ? 'B' : 'A';
      EXPECT_NE(fault_of(other), "") << i;
    }
    for (const std::string& other : {token + "A", token + "=", token + ".", token + " ",
                                     " " + token, token.substr(0, token.size() - 1)}) {
      EXPECT_NE(fault_of(other), "") << other;
    }
  }
}

TEST_F(TokenTest, ClaimsOfOneAndSignatureOfAnother) {
  const std::string good = es_.token(claims_);
  const std::string other = es_.token(test_claims(kNow, R"(,"x":1)"));
  EXPECT_EQ(fault_of(good.substr(0, good.rfind('.')) + other.substr(other.rfind('.'))),
            "signature");
  const TestKey stranger("es", Algorithm::Es256);
  EXPECT_EQ(fault_of(stranger.token(claims_)), "signature");
  const TestKey unknown("other", Algorithm::Es256);
  EXPECT_EQ(fault_of(unknown.token(claims_)), "unknown_key");
}

TEST_F(TokenTest, NoAlgorithmIsTakenFromTheHeaderAlone) {
  for (const char* name : {"none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS1", "RS384",
                           "RS512", "PS512", "ES384", "ES256K", "rs256", "es256"}) {
    EXPECT_EQ(fault_of_header(fmt::format(R"({{"alg":"{}","kid":"es"}})", name)), "algorithm")
        << name;
  }
  // The key's own algorithm or nothing.
  for (const char* name : {"RS256", "PS256", "EdDSA", "Ed25519"}) {
    EXPECT_EQ(fault_of_header(fmt::format(R"({{"alg":"{}","kid":"es"}})", name)), "algorithm")
        << name;
  }
  // Of two that the key is fit for, the one that was used.
  EXPECT_EQ(fault_of(rs_.token(claims_, R"({"alg":"PS256","kid":"rs"})")), "signature");
}

// An unsigned token, and one whose "secret" is the public key, in each form that has been taken.
TEST_F(TokenTest, UnsignedAndHs256WithThePublicKeyAreRefused) {
  const std::string body = "." + base64url_encode(claims_) + ".";
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"none","kid":"es"})", R"({"alg":"ES256","kid":"es"})"}) {
    EXPECT_NE(fault_of(base64url_encode(header) + body), "") << header;
  }
  for (const std::string& secret : {rs_.jwk(), rs_.modulus(), std::string()}) {
    for (const char* name : {"HS256", "RS256"}) {
      const std::string text = base64url_encode(fmt::format(R"({{"alg":"{}","kid":"rs"}})", name)) +
                               "." + base64url_encode(claims_);
      std::string mac(32, '\0');
      unsigned size = 0;
      ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             reinterpret_cast<unsigned char*>(mac.data()), &size);
      EXPECT_NE(fault_of(text + "." + base64url_encode(mac)), "");
    }
  }
}

TEST_F(TokenTest, HeadersThatWouldChangeTheRulesAreRefused) {
  for (const char* more :
       {R"("crit":[])", R"("crit":["exp"],"exp":1)", R"("crit":["b64"],"b64":false)",
        R"("b64":false)", R"("b64":true)", R"("zip":"DEF")", R"("jku":"https://evil.example")",
        R"("x5u":"https://evil.example")", R"("jwk":{"kty":"oct"})", R"("x5c":["AA"])",
        R"("cty":"JWT")", R"("enc":"A256GCM")", R"("kid":7)", R"("kid":"")", R"("typ":7)",
        R"("alg":"ES256")"}) {
    EXPECT_EQ(fault_of_header(fmt::format(R"({{"alg":"ES256",{}}})", more)), "malformed") << more;
  }
  for (const char* header :
       {"", "[]", "{}", R"({"kid":"es"})", R"({"alg":7,"kid":"es"})", R"({"alg":["ES256"]})",
        "{\"alg\":\"ES256\",\"kid\":\"es\"}x", "\xEF\xBB\xBF{\"alg\":\"ES256\",\"kid\":\"es\"}",
        "{\"alg\":\"ES256\",\"kid\":\"es\",\"a\":\"\xFF\"}",
        R"({"alg":"ES256","kid":"es","a":[[[[[[[[1]]]]]]]]})"}) {
    if (*header == '\0') continue;
    EXPECT_EQ(fault_of_header(header), "malformed") << header;
  }
  EXPECT_EQ(fault_of_header(R"({"alg":"ES256","kid":"es","x5t":"a","new":[1]})"), "");
}

TEST_F(TokenTest, TypesAreOfAccessTokens) {
  for (const char* type : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"}) {
    EXPECT_EQ(fault_of_header(fmt::format(R"({{"alg":"ES256","kid":"es","typ":"{}"}})", type)), "")
        << type;
  }
  for (const char* type : {"", "id+jwt", "ID", "logout+jwt", "dpop+jwt", "JOSE", "text/jwt"}) {
    EXPECT_EQ(fault_of_header(fmt::format(R"({{"alg":"ES256","kid":"es","typ":"{}"}})", type)),
              "kind")
        << type;
  }
}

TEST_F(TokenTest, WithoutAKeysIdOnlyOneMayFit) {
  EXPECT_EQ(fault_of_header(R"({"alg":"ES256"})"), "");
  EXPECT_EQ(fault_of(rs_.token(claims_, R"({"alg":"RS256"})")), "unknown_key");
}

TEST_F(TokenTest, FormsThatAreNoTokenAreRefused) {
  const std::string token = es_.token(claims_);
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."),
        std::string("a.b.c"), token + "." + token, "a." + token,
        std::string("eyJhbGciOiJFUzI1NiJ9"), std::string(kTokenBytesMax + 1, 'A'),
        std::string(kTokenBytesMax, '.'), token.substr(0, token.rfind('.') + 1)}) {
    EXPECT_EQ(fault_of(text), "malformed") << text.substr(0, 40);
    EXPECT_EQ(token_client(text), "");
  }
  // Five parts, as an encrypted one has.
  EXPECT_EQ(fault_of("eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA"), "malformed");
}

TEST_F(TokenTest, ATokenIsAtMost16KiB) {
  const auto token_of = [&](std::size_t more) {
    return es_.token(test_claims(kNow, fmt::format(R"(,"x":"{}")", std::string(more, 'x'))));
  };
  const std::size_t room = (kTokenBytesMax - token_of(0).size()) / 4 * 3;
  EXPECT_EQ(fault_of(token_of(room - 3)), "");
  EXPECT_EQ(fault_of(token_of(room + 3)), "malformed");
}

TEST_F(TokenTest, ClaimsCountOnceTheSignatureHolds) {
  EXPECT_EQ(fault_of(es_.token(test_claims(kNow - std::chrono::hours(3)))), "expired");
  EXPECT_EQ(fault_of(es_.token(test_claims(kNow + std::chrono::hours(1)))), "not_yet_valid");
  EXPECT_EQ(fault_of(es_.token(test_claims(kNow, R"(,"nonce":"n")"))), "kind");
  EXPECT_EQ(fault_of(es_.token("not json")), "malformed");
  const TestKey stranger("es", Algorithm::Es256);
  EXPECT_EQ(fault_of(stranger.token("not json")), "signature");
}

TEST_F(TokenTest, TheRulesLeaveAlgorithmsOut) {
  TokenRules rules = verifier_.rules();
  rules.algorithms = {Algorithm::Rs256};
  const TokenVerifier strict(rules);
  const TokenVerdict verdict = strict.verify(es_.token(claims_), keys_, kNow);
  EXPECT_EQ(std::get<TokenFault>(verdict), TokenFault::Algorithm);
  EXPECT_TRUE(
      std::holds_alternative<TokenIdentity>(strict.verify(rs_.token(claims_), keys_, kNow)));
}

}  // namespace
}  // namespace auth
