#include "auth/jwks.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auth/base64url.h"
#include "auth/test_token.h"

namespace auth {
namespace {

// What becomes of a set of this one key: "taken", "passed over", or why it is refused.
std::string fate_of(const std::string& jwk) {
  const auto keys = TokenKeys::parse(jwks_of({jwk}));
  if (!keys.ok()) return keys.error().message();
  if (!keys->refused().empty()) return keys->refused().front();
  return keys->keys().empty() ? "passed over" : "taken";
}

TEST(JwksTest, KeysOfEachKindCheckWhatTheySigned) {
  const auto keys = TokenKeys::parse(test_jwks());
  ASSERT_TRUE(keys.ok()) << keys.error().message();
  EXPECT_EQ(keys->refused(), std::vector<std::string>());
  for (const Algorithm algorithm :
       {Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa}) {
    const TestKey& made = test_key(algorithm);
    const TokenKey* const key = keys->find(made.id());
    ASSERT_NE(key, nullptr) << algorithm_name(algorithm);
    std::string signature = made.sign("text");
    EXPECT_TRUE(key->key.verifies(algorithm, "text", signature)) << algorithm_name(algorithm);
    EXPECT_FALSE(key->key.verifies(algorithm, "texts", signature));
    EXPECT_FALSE(key->key.verifies(algorithm, "text", signature + "0"));
    EXPECT_FALSE(key->key.verifies(algorithm, "text", signature.substr(1)));
    EXPECT_FALSE(key->key.verifies(algorithm, "text", ""));
    EXPECT_FALSE(key->key.verifies(algorithm, "text", std::string(signature.size(), '\0')));
    signature[5] = static_cast<char>(signature[5] ^ 1);
    EXPECT_FALSE(key->key.verifies(algorithm, "text", signature));
  }
}

TEST(JwksTest, AKeySignsInItsOwnWaysOnly) {
  const auto keys = TokenKeys::parse(
      jwks_of({test_key(Algorithm::Rs256).jwk(R"(,"alg":"RS256")"),
               test_key(Algorithm::Ps256).jwk(), test_key(Algorithm::Es256).jwk()}));
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->find("rs")->algorithms.names(), "RS256");
  EXPECT_EQ(keys->find("ps")->algorithms.names(), "RS256, PS256");
  EXPECT_EQ(keys->find("es")->algorithms.names(), "ES256");
  const std::string signature = test_key(Algorithm::Rs256).sign("text");
  EXPECT_FALSE(keys->find("rs")->key.verifies(Algorithm::Ps256, "text", signature));
  EXPECT_FALSE(keys->find("rs")->key.verifies(Algorithm::Es256, "text", signature));
  EXPECT_FALSE(keys->find("es")->key.verifies(Algorithm::EdDsa, "text", std::string(64, 'a')));
}

TEST(JwksTest, ATokenWithoutAKeysIdNeedsTheOnlyOneThatFits) {
  const auto keys = TokenKeys::parse(test_jwks());
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->find_only(Algorithm::Es256), keys->find("es"));
  EXPECT_EQ(keys->find_only(Algorithm::Rs256), nullptr);  // Two RSA keys.
  EXPECT_EQ(keys->find("none"), nullptr);
  const auto bare = TokenKeys::parse(jwks_of({TestKey("", Algorithm::Es256).jwk()}));
  ASSERT_TRUE(bare.ok());
  EXPECT_NE(bare->find_only(Algorithm::Es256), nullptr);
  EXPECT_EQ(bare->find_only(Algorithm::EdDsa), nullptr);
}

TEST(JwksTest, PassesOverWhatIsNotForTokens) {
  const TestKey& es = test_key(Algorithm::Es256);
  for (const std::string& jwk : {
           es.jwk(R"(,"use":"enc")"),
           es.jwk(R"(,"key_ops":["sign"])"),
           es.jwk(R"(,"alg":"ES512")"),
           std::string(R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})"),
           std::string(R"({"kty":"OKP","crv":"X25519","x":"AA"})"),
           std::string(R"({"kty":"new","anything":[1,2]})"),
       }) {
    EXPECT_EQ(fate_of(jwk), "passed over") << jwk;
  }
  EXPECT_EQ(fate_of(es.jwk(R"(,"use":"sig","key_ops":["verify"],"x5t":"a","new":{"a":1})")),
            "taken");
}

TEST(JwksTest, RefusesKeysThatAreWrongAndTakesTheOthers) {
  const TestKey& es = test_key(Algorithm::Es256);
  const std::string n = base64url_encode(test_key(Algorithm::Rs256).modulus());
  const auto rsa = [](const std::string& modulus, const std::string& exponent) {
    return fmt::format(R"({{"kty":"RSA","n":"{}","e":"{}"}})", modulus, exponent);
  };
  const std::string x32 = base64url_encode(std::string(32, '\x01'));
  const struct {
    std::string jwk;
    std::string fate;
  } cases[] = {
      {es.jwk(R"(,"d":"AA")"), "expected a public key, got the private \"d\"; replace it"},
      {test_key(Algorithm::Rs256).jwk(R"(,"qi":"AA")"),
       "expected a public key, got the private \"qi\"; replace it"},
      {R"({"kty":"oct","k":"AAAA"})", "expected a public key, got the private \"k\"; replace it"},
      {R"({"kid":"a"})", "expected a text as \"kty\""},
      {R"({"kty":7})", "expected a text as \"kty\""},
      {R"("key")", "expected an object"},
      {es.jwk(R"(,"alg":"RS256")"), "expected ES256 as \"alg\" of such a key, got \"RS256\""},
      {R"({"kty":"EC","kid":"","crv":"P-256"})", "expected 1 to 256 bytes as \"kid\""},
      {R"({"kty":"EC","crv":"P-256","x":"AA"})", "expected base64url as \"y\""},
      {fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{}","y":"AA"}})", x32),
       "P-256: expected coordinates of 32 bytes, got 32 and 1"},
      {fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}})", x32, x32),
       "P-256: expected a point on the curve"},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})", "Ed25519: expected 32 bytes, got 3"},
      {rsa(base64url_encode(std::string(128, '\xFF')), "AQAB"),
       "RSA: expected a modulus of at least 2048 bits, got 1024"},
      {rsa(base64url_encode(std::string(1025, '\xFF')), "AQAB"),
       "RSA: expected a modulus of at most 8192 bits"},
      {rsa(n, "Aw"), "RSA: expected an odd exponent of at least 65537"},
      {rsa(n, "AQAA"), "RSA: expected an odd exponent of at least 65537"},
      {rsa(n, "AQAAAAE"), "RSA: expected an exponent of at most 32 bits"},
      {rsa(n, "AAEAAQ"), "RSA: expected numbers without zeros in front"},
      {rsa(n + "=", "AQAB"), "expected base64url as \"n\""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(fate_of(c.jwk), "keys[0]: " + c.fate) << c.jwk;
    const auto both = TokenKeys::parse(jwks_of({c.jwk, test_key(Algorithm::EdDsa).jwk()}));
    ASSERT_TRUE(both.ok());
    EXPECT_EQ(both->keys().size(), 1U);
  }
}

TEST(JwksTest, RefusesWhatIsNoSet) {
  const std::string jwk = test_key(Algorithm::Es256).jwk();
  std::string deep = R"({"keys":[],"a":)";
  for (int i = 0; i < 8; ++i) deep += "[";
  for (int i = 0; i < 8; ++i) deep += "]";
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"", "token keys: expected a JSON object"},
      {"[]", "token keys: expected a JSON object"},
      {"<html>", "token keys: expected a JSON object"},
      {R"({"keys":[]} x)", "token keys: expected a JSON object"},
      {"\xEF\xBB\xBF{\"keys\":[]}", "token keys: expected a JSON object"},
      {"{\"keys\":[],\"a\":\"\xFF\"}", "token keys: expected a JSON object"},
      {"{}", "token keys: expected an array as \"keys\""},
      {R"({"keys":{}})", "token keys: expected an array as \"keys\""},
      {R"({"keys":[],"keys":[]})", "token keys: expected each name once, got \"keys\" twice"},
      {R"({"keys":[{"kty":"a","kty":"b"}]})",
       "token keys: expected each name once, got \"kty\" twice"},
      {deep + "}", "token keys: expected at most 8 levels"},
      {jwks_of({jwk, jwk}), "token keys: expected one key of the id \"es\", got several"},
      {jwks_of(std::vector<std::string>(65, "{}")), "token keys: expected at most 64 keys, got 65"},
      {std::string(kTokenKeysBytesMax + 1, ' '), "token keys: expected at most 256.0 KiB"},
  };
  for (const auto& c : cases) {
    const auto keys = TokenKeys::parse(c.text);
    ASSERT_FALSE(keys.ok()) << c.text;
    EXPECT_EQ(keys.error().message(), c.message);
  }
  EXPECT_TRUE(TokenKeys::parse(R"({"keys":[]})").ok());
}

}  // namespace
}  // namespace auth
