// What who is not let in is told, and what is told of who was.
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "front/test_access.h"

namespace front {
namespace {

using auth::kNow;
using net::Method;
using testing::Asked;
using testing::CredentialCase;
using testing::CredentialsTest;

using AccessRefusalTest = CredentialsTest;

TEST_F(AccessRefusalTest, WhoMayNotKnowAnEndpointDoesNotLearnWhetherItIsThere) {
  Front house = front(keys_.get());
  EXPECT_TRUE(house.authenticates());
  const auto ask = [&](std::string_view path, const std::vector<net::Header>& headers) {
    Asked asked(Method::Post, path, headers);
    net::Response refusal;
    EXPECT_FALSE(house.admit(asked.head(), refusal).accepted());
    return std::pair(refusal.status(), refusal.body());
  };
  for (const auto& headers :
       {std::vector<net::Header>{}, {{"x-api-key", stranger_}}, {{"x-api-key", metrics_key_}}}) {
    EXPECT_EQ(ask("/endpoints/passengers/score", headers), ask("/endpoints/none/score", headers));
  }
  EXPECT_EQ(ask("/endpoints/none/score", {{"x-api-key", good_}}).first, 403);
  EXPECT_EQ(ask("/endpoints/none/score", {{"x-api-key", both_}}).first, 404);
}

TEST_F(AccessRefusalTest, RefusalsHaveTheProtocolsFormAndAreCounted) {
  Front house = front(keys_.get());
  const auto refusal = [&](std::string_view path, const std::vector<net::Header>& headers) {
    Asked asked(Method::Post, path, headers);
    net::Response response;
    EXPECT_FALSE(house.admit(asked.head(), response).accepted());
    return response.body();
  };
  EXPECT_EQ(refusal("/score", {}),
            R"({"message":"expected a key, as \"Authorization: Bearer\" or \"x-api-key\""})");
  EXPECT_EQ(refusal("/v2/models/passengers/infer", {{"x-api-key", expired_}}),
            R"({"error":"the key is not accepted"})");
  EXPECT_EQ(refusal("/score", {{"x-api-key", elsewhere_}}),
            R"({"message":"the key does not permit this"})");
  EXPECT_EQ(refusal("/score", {{"x-api-key", good_}, {"Authorization", bearer_both_}}),
            R"({"message":"expected one key, as \"Authorization: Bearer\" or \"x-api-key\""})");
  const std::string text = metrics_.text();
  for (const char* line :
       {"sooth_keys_refused_total{reason=\"missing\"} 1",
        "sooth_keys_refused_total{reason=\"unclear\"} 1",
        "sooth_keys_refused_total{reason=\"not_accepted\"} 1",
        "sooth_keys_refused_total{reason=\"not_permitted\"} 1",
        "sooth_refused_total{endpoint=\"passengers\",reason=\"unauthenticated\"} 3",
        "sooth_refused_total{endpoint=\"passengers\",reason=\"denied\"} 1"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

// Keeps what it is told.
class Told final : public telemetry::ScoredSink {
 public:
  void take(std::span<const telemetry::Scored> events) override {
    for (const telemetry::Scored& event : events) {
      lines.push_back(
          fmt::format("{} {} {}", event.endpoint.view(), event.key_id.view(), event.status));
    }
  }
  std::vector<std::string> lines;
};

TEST_F(AccessRefusalTest, WhatWasScoredIsToldWithItsCallerAndNoMore) {
  Told told;
  const auto queue = *telemetry::ScoredQueue::start(16, {&told}, metrics_);
  Front house(endpoints_, metrics_, *queue_,
              {.version = "test",
               .inline_us_max = 1e12,
               .now = std::chrono::steady_clock::now,
               .keys = keys_.get(),
               .tokens = &tokens_,
               .wall_now = [] { return kNow; },
               .events = queue.get()});
  for (const std::string& bearer : {bearer_good_, bearer_token_}) {
    Asked asked(Method::Post, "/score", {{"Authorization", bearer}});
    net::Response refusal;
    ASSERT_TRUE(house.admit(asked.head(), refusal).accepted());
    house.handle(asked);
  }
  const std::vector<std::string> expected = {"passengers " + good_.substr(6, 16) + " 400",
                                             "passengers token/shop 400"};
  queue->stop();
  EXPECT_EQ(told.lines, expected);
}

TEST_F(AccessRefusalTest, RefusedTokensAreToldApartInMetricsAlone) {
  Front house = front(keys_.get(), &tokens_);
  std::string bodies;
  for (const CredentialCase& each : token_cases_.cases()) {
    Asked asked(Method::Post, "/score", each.headers);
    net::Response refusal;
    if (!house.admit(asked.head(), refusal).accepted()) bodies += refusal.body();
  }
  const std::string not_accepted = R"({"message":"the token is not accepted"})";
  const std::string not_permitted = R"({"message":"the token does not permit this"})";
  std::string expected;
  for (int i = 0; i < 4; ++i) expected += not_permitted;
  for (int i = 0; i < 16; ++i) expected += not_accepted;
  EXPECT_EQ(bodies, expected);
  const std::string text = metrics_.text();
  for (const char* line : {"sooth_keys_refused_total{reason=\"not_accepted\"} 16",
                           "sooth_keys_refused_total{reason=\"not_permitted\"} 4",
                           "sooth_tokens_refused_total{reason=\"algorithm\"} 3",
                           "sooth_tokens_refused_total{reason=\"expired\"} 1",
                           "sooth_tokens_refused_total{reason=\"not_yet_valid\"} 1",
                           "sooth_tokens_refused_total{reason=\"issuer\"} 1",
                           "sooth_tokens_refused_total{reason=\"audience\"} 1",
                           "sooth_tokens_refused_total{reason=\"unknown_key\"} 1",
                           "sooth_tokens_refused_total{reason=\"signature\"} 3",
                           "sooth_tokens_refused_total{reason=\"kind\"} 1",
                           "sooth_tokens_refused_total{reason=\"malformed\"} 4",
                           "sooth_tokens_refused_total{reason=\"not_permitted\"} 4"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

}  // namespace
}  // namespace front
