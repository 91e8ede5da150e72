#include "front/throttle.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/keys.h"
#include "auth/test_time.h"
#include "auth/test_token.h"
#include "base/base64.h"
#include "front/test_house.h"

namespace front {
namespace {

using auth::kNow;
using std::chrono::hours;
using std::chrono::seconds;
using testing::FakeExchange;
using testing::House;

const std::string kThrottledModel = SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib";
const std::string kOneRow = R"({"data": [[41, 32.5, "Rome"]]})";
const std::string kFlooder = "10.0.0.1";
const std::string kNeighbour = "10.0.0.2";

// A server of one endpoint with keys and tokens, whose clock stands still until it is told.
class ThrottleTest : public ::testing::Test {
 protected:
  std::string new_key() {
    auto minted = auth::mint({.client = "shop",
                              .endpoint = "*",
                              .scope = {auth::Scope::Score, auth::Scope::Metrics},
                              .created = kNow - hours(1)},
                             auth::system_random);
    EXPECT_TRUE(minted.ok());
    records_.push_back(minted->record);
    return minted->text.reveal();
  }
  // With all keys that were made before.
  House& open(auth::RateLimits rates) {
    keys_ = std::make_unique<Guard::Keys>(
        std::make_shared<const auth::KeySet>(*auth::KeySet::make(records_)));
    tokens_.publish(
        std::make_shared<const auth::TokenKeys>(*auth::TokenKeys::parse(auth::test_jwks())));
    Front::Options options;
    options.keys = keys_.get();
    options.tokens = &tokens_;
    options.now = [this] { return now_; };
    options.wall_now = [] { return std::chrono::system_clock::time_point(kNow); };
    options.throttle = {.rates = rates, .secret = {1, 2}};
    house_ = std::make_unique<House>(kThrottledModel, 1e12, std::move(options));
    return *house_;
  }
  House::Answer score(const std::string& source, const std::string& credential) {
    house_->source = source;
    const std::string bearer = "Bearer " + credential;
    return house_->ask(net::Method::Post, "/score", kOneRow, {{"Authorization", bearer}});
  }
  std::uint64_t count(const std::string& name, const telemetry::Metrics::Labels& labels) {
    return house_->metrics().counter(name, "", labels).value();
  }

  std::chrono::steady_clock::time_point now_{hours(1)};
  std::vector<auth::KeyRecord> records_;
  telemetry::Metrics token_metrics_;
  Tokens tokens_{
      {.issuer = std::string(auth::kTestIssuer), .audiences = {std::string(auth::kTestAudience)}},
      token_metrics_};
  std::unique_ptr<Guard::Keys> keys_;
  std::unique_ptr<House> house_;
};

TEST_F(ThrottleTest, ASourceOfWrongKeysIsNotHeardAndOthersAre) {
  const std::string good = new_key();
  const std::string wrong = new_key();
  records_.pop_back();
  open({.of_refused_source = {.per_second = 1, .burst = 5}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(score(kFlooder, wrong).status, 401);
  const auto answer = score(kFlooder, wrong);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body,
            R"({"message":"this address, without a valid key: expected at most 1 requests each )"
            R"(second, got more; try again in 1 s"})");
  EXPECT_EQ(answer.field("Retry-After"), "1");
  // Nor is a good key from there, and what costs nothing is.
  EXPECT_EQ(score(kFlooder, good).status, 429);
  EXPECT_EQ(house_->get("/healthz").status, 200);
  EXPECT_EQ(score(kNeighbour, good).status, 200);
  EXPECT_EQ(score("::ffff:10.0.0.1", good).status, 429);
  EXPECT_EQ(count("sooth_throttled_total", {{"by", "source"}}), 3U);
  EXPECT_EQ(count("sooth_refused_total", {{"endpoint", "passengers"}, {"reason", "rate_limited"}}),
            3U);
  EXPECT_EQ(count("sooth_keys_refused_total", {{"reason", "not_accepted"}}), 5U);
  now_ += seconds(1);
  EXPECT_EQ(score(kFlooder, good).status, 200);
}

TEST_F(ThrottleTest, AFloodOfForgedTokensCostsNoSignaturesAnyMore) {
  new_key();
  open({.of_refused_source = {.per_second = 10, .burst = 20}});
  const auth::TestKey forger("es", auth::Algorithm::Es256);
  const std::string good = auth::test_key(auth::Algorithm::Es256).token(auth::test_claims(kNow));
  const auto checked = [this] {
    return token_metrics_.counter("sooth_tokens_refused_total", "", {{"reason", "signature"}})
        .value();
  };
  for (int i = 0; i < 200; ++i) {
    const int status =
        score(kFlooder, forger.token(auth::test_claims(kNow, fmt::format(R"(,"jti":"{}")", i))))
            .status;
    EXPECT_EQ(status, i < 20 ? 401 : 429);
    EXPECT_EQ(score(kNeighbour, good).status, 200);
  }
  EXPECT_EQ(checked(), 20U);
}

TEST_F(ThrottleTest, EachKeyHasItsOwnRate) {
  const std::string first = new_key();
  const std::string second = new_key();
  open({.of_key = {.per_second = 2, .burst = 3}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(score(kFlooder, first).status, 200);
  const auto answer = score(kNeighbour, first);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, fmt::format(R"({{"message":"key \"{}\": expected at most 2 requests each )"
                                     R"(second, got more; try again in 1 s"}})",
                                     records_.front().id));
  EXPECT_EQ(score(kFlooder, second).status, 200);
  now_ += std::chrono::milliseconds(500);
  EXPECT_EQ(score(kFlooder, first).status, 200);
  EXPECT_EQ(score(kFlooder, first).status, 429);
  EXPECT_EQ(count("sooth_throttled_total", {{"by", "key"}}), 2U);
}

TEST_F(ThrottleTest, TheTokensOfAClientShareItsRate) {
  new_key();
  open({.of_key = {.per_second = 1, .burst = 2}});
  const auto& key = auth::test_key(auth::Algorithm::Es256);
  for (int i = 0; i < 4; ++i) {
    const std::string token = key.token(auth::test_claims(kNow, fmt::format(R"(,"jti":"{}")", i)));
    EXPECT_EQ(score(kFlooder, token).status, i < 2 ? 200 : 429);
  }
}

TEST_F(ThrottleTest, AnEndpointHasARateOfItsOwnWhoeverAsks) {
  const std::string first = new_key();
  const std::string second = new_key();
  open({.of_endpoint = {.per_second = 1, .burst = 2}});
  EXPECT_EQ(score(kFlooder, first).status, 200);
  EXPECT_EQ(score(kFlooder, second).status, 200);
  const auto answer = score(kNeighbour, second);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body,
            R"({"message":"endpoint \"passengers\": expected at most 1 requests each second, got )"
            R"(more; try again in 1 s"})");
  // What is not about the endpoint goes on.
  EXPECT_EQ(house_->ask(net::Method::Get, "/metrics", "", {{"x-api-key", first}}).status, 200);
}

TEST_F(ThrottleTest, ACallIsToldSoInTheWordsOfItsClients) {
  const std::string good = new_key();
  open({.of_key = {.per_second = 0.5, .burst = 1}});
  const std::string bearer = "Bearer " + good;
  FakeExchange call(net::Method::Post, "/inference.GRPCInferenceService/ServerMetadata", "",
                    {{"content-type", "application/grpc"}, {"authorization", bearer}});
  net::Response refusal;
  EXPECT_TRUE(house_->front().admit(call.head(), refusal).accepted());
  EXPECT_FALSE(house_->front().admit(call.head(), refusal).accepted());
  const std::string& fields = refusal.header_block();
  EXPECT_NE(fields.find("grpc-status: 8\r\n"), std::string::npos) << fields;
  EXPECT_NE(fields.find("grpc-retry-pushback-ms: 2000\r\n"), std::string::npos) << fields;
  const std::string name = "grpc-status-details-bin: ";
  const std::size_t at = fields.find(name) + name.size();
  const auto details = base::base64_decode(fields.substr(at, fields.find('\r', at) - at));
  ASSERT_TRUE(details);
  EXPECT_TRUE(details->starts_with("\x08\x08\x12")) << *details;
  // A RetryInfo of two seconds.
  EXPECT_TRUE(details->ends_with(std::string("type.googleapis.com/google.rpc.RetryInfo\x12\x04") +
                                 "\x0a\x02\x08\x02"))
      << *details;
}

TEST_F(ThrottleTest, WithoutRatesNobodyWaits) {
  const std::string good = new_key();
  open({});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(score(kFlooder, "wrong").status, 401);
    EXPECT_EQ(score(kFlooder, good).status, 200);
  }
}

}  // namespace
}  // namespace front
