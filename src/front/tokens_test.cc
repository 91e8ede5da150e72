#include "front/tokens.h"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/test_time.h"
#include "auth/test_token.h"

namespace front {
namespace {

using auth::Algorithm;
using auth::kNow;

std::shared_ptr<const auth::TokenKeys> keys_of(const std::string& text) {
  auto keys = auth::TokenKeys::parse(text);
  EXPECT_TRUE(keys.ok());
  return std::make_shared<const auth::TokenKeys>(*std::move(keys));
}

class TokensTest : public ::testing::Test {
 protected:
  bool accepts(const std::string& token, auth::Timestamp now = kNow) {
    return tokens_.check(token, "faq", auth::Scope::Score, now).ok();
  }
  std::uint64_t refused(const std::string& reason) {
    return metrics_.counter("sooth_tokens_refused_total", "", {{"reason", reason}}).value();
  }

  const auth::TestKey& es_ = auth::test_key(Algorithm::Es256);
  const auth::TestKey& rs_ = auth::test_key(Algorithm::Rs256);
  telemetry::Metrics metrics_;
  Tokens tokens_{
      {.issuer = std::string(auth::kTestIssuer), .audiences = {std::string(auth::kTestAudience)}},
      metrics_};
};

TEST_F(TokensTest, WithoutKeysNothingIsAccepted) {
  const std::string token = es_.token(auth::test_claims(kNow));
  EXPECT_FALSE(accepts(token));
  EXPECT_EQ(refused("no_keys"), 1U);
  EXPECT_FALSE(tokens_.take_unknown());
  tokens_.publish(keys_of(auth::test_jwks()));
  EXPECT_TRUE(accepts(token));
  tokens_.publish(nullptr);
  EXPECT_FALSE(accepts(token));
}

TEST_F(TokensTest, AWithdrawnKeyOpensNothingFromThenOn) {
  tokens_.publish(keys_of(auth::jwks_of({es_.jwk(), rs_.jwk()})));
  const std::string of_es = es_.token(auth::test_claims(kNow));
  const std::string of_rs = rs_.token(auth::test_claims(kNow));
  EXPECT_TRUE(accepts(of_es));
  EXPECT_TRUE(accepts(of_rs));
  tokens_.publish(keys_of(auth::jwks_of({rs_.jwk()})));
  EXPECT_FALSE(accepts(of_es));
  EXPECT_TRUE(accepts(of_rs));
  EXPECT_TRUE(tokens_.take_unknown());
  EXPECT_FALSE(tokens_.take_unknown());
}

TEST_F(TokensTest, AKnownTokenEndsAsItsClaimsSay) {
  tokens_.publish(keys_of(auth::test_jwks()));
  const std::string token = es_.token(auth::test_claims(kNow));
  using std::chrono::seconds;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(accepts(token));
    EXPECT_TRUE(accepts(token, kNow + seconds(3659)));
    EXPECT_FALSE(accepts(token, kNow + seconds(3660)));
    EXPECT_TRUE(accepts(token, kNow - seconds(60)));
    EXPECT_FALSE(accepts(token, kNow - seconds(61)));
  }
  EXPECT_EQ(refused("expired"), 2U);
  EXPECT_EQ(refused("not_yet_valid"), 2U);
}

TEST_F(TokensTest, WhatItPermitsIsAskedEachTime) {
  tokens_.publish(keys_of(auth::test_jwks()));
  const std::string token = es_.token(auth::test_claims(kNow, "", "score:faq"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(accepts(token));
    const auto other = tokens_.check(token, "other", auth::Scope::Score, kNow);
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code(), base::Code::Denied);
    EXPECT_EQ(other.error().message(), "the token does not permit this");
    EXPECT_FALSE(tokens_.check(token, "faq", auth::Scope::Metrics, kNow).ok());
  }
}

TEST_F(TokensTest, GroupsThatAreElsewhereAreDenied) {
  tokens_.publish(keys_of(auth::test_jwks()));
  const auto refusal =
      tokens_.check(es_.token(auth::test_claims(kNow, R"(,"_claim_names":{"groups":"src1"})")),
                    "faq", auth::Scope::Score, kNow);
  ASSERT_FALSE(refusal.ok());
  EXPECT_EQ(refusal.error().code(), base::Code::Denied);
  EXPECT_EQ(refused("overage"), 1U);
}

TEST(TokenCacheTest, ForgetsWhatWasNotAskedFor) {
  TokenCache cache;
  const auto digest = [](int i) { return base::Digest::of(fmt::format("{}", i)); };
  const auto identity = std::make_shared<const auth::TokenIdentity>();
  for (int i = 0; i < 3 * static_cast<int>(TokenCache::kTokensMax); ++i) {
    EXPECT_EQ(cache.find(digest(i)), nullptr);
    cache.keep(digest(i), identity);
    // Asked for all the time.
    EXPECT_EQ(cache.find(digest(0)), identity) << i;
    ASSERT_LE(cache.size(), TokenCache::kTokensMax);
  }
  EXPECT_EQ(cache.find(digest(1)), nullptr);
}

}  // namespace
}  // namespace front
