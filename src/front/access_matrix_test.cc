#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/keys.h"
#include "auth/test_time.h"
#include "front/front.h"

// Every route, with every method and every kind of credential, against what must come of it.

namespace front {
namespace {

using auth::kNow;
using net::Method;
using std::chrono::hours;

constexpr std::string_view kName = "passengers";

enum class Needs { Nothing, Score, Metrics, Never };

struct Path {
  std::string path;
  bool is_post;
  Needs needs;
};

const std::vector<Path>& paths() {
  static const std::vector<Path> all = {
      {"/", false, Needs::Score},
      {"/healthz", false, Needs::Nothing},
      {"/readyz", false, Needs::Nothing},
      {"/metrics", false, Needs::Metrics},
      {"/score", true, Needs::Score},
      {"/endpoints/passengers/score", true, Needs::Score},
      {"/api/v1/service/passengers/score", true, Needs::Score},
      {"/v2", false, Needs::Score},
      {"/v2/", false, Needs::Score},
      {"/v2/health/live", false, Needs::Nothing},
      {"/v2/health/ready", false, Needs::Nothing},
      {"/v2/models/passengers", false, Needs::Score},
      {"/v2/models/passengers/versions/1", false, Needs::Score},
      {"/v2/models/passengers/ready", false, Needs::Score},
      {"/v2/models/passengers/infer", true, Needs::Score},
      {"/v2/models/passengers/versions/1/infer", true, Needs::Score},
      // Other spellings are other paths, and lead nowhere.
      {"/Score", true, Needs::Never},
      {"/score/", true, Needs::Never},
      {"//score", true, Needs::Never},
      {"/./score", true, Needs::Never},
      {"/healthz/../score", true, Needs::Never},
      {"/%73core", true, Needs::Never},
      {"/score;x", true, Needs::Never},
      {"/metrics/", false, Needs::Never},
      {"/v2/models/passengers/", false, Needs::Score},
      {"/v2/models/passengers/infer/", true, Needs::Never},
      {"*", false, Needs::Never},
  };
  return all;
}

// A request without a connection.
class Asked final : public net::Exchange {
 public:
  Asked(Method method, std::string_view path, const std::vector<net::Header>& headers) {
    body_.reserve(net::kBodyPadding);
    head_.method = method;
    head_.path = path;
    head_.headers = headers;
  }
  const net::RequestHead& head() const override { return head_; }
  std::string_view body() const override { return body_; }
  std::string_view source() const override { return "127.0.0.1"; }
  net::Response& response() override { return response_; }
  bool abandoned() const override { return false; }
  void finish() override {}

 private:
  std::string body_;
  net::RequestHead head_;
  net::Response response_;
};

struct CredentialCase {
  std::string_view name;
  std::vector<net::Header> headers;
  bool accepted = false;  // It is a key of the server, which may permit something else.
  bool scores = false;
  bool reads_metrics = false;
};

// A server's keys, and credentials of all kinds made of them.
class AccessMatrixTest : public ::testing::Test {
 protected:
  AccessMatrixTest() {
    good_ = add("passengers", {auth::Scope::Score});
    both_ = add("*", {auth::Scope::Score, auth::Scope::Metrics});
    metrics_key_ = add("passengers", {auth::Scope::Metrics});
    elsewhere_ = add("other", {auth::Scope::Score, auth::Scope::Metrics});
    expired_ = add("*", {auth::Scope::Score, auth::Scope::Metrics}, kNow);
    rotated_ = add("*", {auth::Scope::Score, auth::Scope::Metrics});
    records_.back() =
        auth::rotate_key(records_, records_.back().id, auth::system_random, kNow)->record;
    stranger_ = add("*", {auth::Scope::Score, auth::Scope::Metrics});
    records_.pop_back();
    bearer_good_ = "Bearer " + good_;
    bearer_both_ = "Bearer " + both_;
    basic_ = "Basic " + good_;
    cut_ = "Bearer " + good_.substr(0, good_.size() - 1);
    keys_ = std::make_unique<Guard::Keys>(
        std::make_shared<const auth::KeySet>(*auth::KeySet::make(records_)));
    auto scorer =
        scorer::Scorer::load(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib", {});
    EXPECT_TRUE(scorer.ok());
    endpoints_.add(
        std::make_shared<const serve::Endpoint>(std::string(kName), "1", *scorer, metrics_));
    pool_ = *threads::Pool::start({.name = "test", .threads = 1, .queue_max = 4});
  }

  std::string add(std::string endpoint, auth::Scopes scope,
                  std::optional<auth::Timestamp> expires = std::nullopt) {
    auto minted = auth::mint({.client = "shop",
                              .endpoint = std::move(endpoint),
                              .scope = scope,
                              .created = kNow - hours(1),
                              .expires = expires},
                             auth::system_random);
    EXPECT_TRUE(minted.ok());
    records_.push_back(minted->record);
    return minted->text.reveal();
  }

  std::vector<CredentialCase> credentials() const {
    return {
        {.name = "none"},
        {.name = "good",
         .headers = {{"Authorization", bearer_good_}},
         .accepted = true,
         .scores = true},
        {.name = "good x-api-key",
         .headers = {{"x-api-key", good_}},
         .accepted = true,
         .scores = true},
        {.name = "good twice",
         .headers = {{"authorization", bearer_good_}, {"X-API-KEY", good_}},
         .accepted = true,
         .scores = true},
        {.name = "every endpoint and scope",
         .headers = {{"x-api-key", both_}},
         .accepted = true,
         .scores = true,
         .reads_metrics = true},
        {.name = "wrong scope",
         .headers = {{"x-api-key", metrics_key_}},
         .accepted = true,
         .reads_metrics = true},
        {.name = "other endpoint", .headers = {{"x-api-key", elsewhere_}}, .accepted = true},
        {.name = "expired", .headers = {{"x-api-key", expired_}}},
        {.name = "rotated away", .headers = {{"x-api-key", rotated_}}},
        {.name = "unknown", .headers = {{"x-api-key", stranger_}}},
        {.name = "malformed", .headers = {{"Authorization", cut_}}},
        {.name = "empty", .headers = {{"x-api-key", ""}}},
        {.name = "no scheme", .headers = {{"Authorization", good_}}},
        {.name = "other scheme", .headers = {{"Authorization", basic_}}},
        {.name = "scheme in x-api-key", .headers = {{"x-api-key", bearer_good_}}},
        {.name = "two that differ",
         .headers = {{"Authorization", bearer_good_}, {"x-api-key", both_}}},
        {.name = "one good, one wrong",
         .headers = {{"Authorization", bearer_good_}, {"x-api-key", stranger_}}},
        {.name = "the field twice",
         .headers = {{"Authorization", bearer_good_}, {"Authorization", bearer_both_}}},
        {.name = "in another field",
         .headers = {{"Cookie", good_}, {"Proxy-Authorization", bearer_good_}}},
    };
  }

  Front front(const Guard::Keys* keys) {
    return Front(
        endpoints_, metrics_, *pool_,
        {.version = "test", .now = std::chrono::steady_clock::now, .keys = keys, .wall_now = [] {
           return kNow;
         }});
  }

  std::vector<auth::KeyRecord> records_;
  std::string good_, both_, metrics_key_, elsewhere_, expired_, rotated_, stranger_;
  std::string bearer_good_, bearer_both_, basic_, cut_;
  std::unique_ptr<Guard::Keys> keys_;
  telemetry::Metrics metrics_;
  serve::Endpoints endpoints_;
  std::unique_ptr<threads::Pool> pool_;
};

constexpr std::array kMethods = {Method::Get,    Method::Head,  Method::Post,   Method::Put,
                                 Method::Delete, Method::Patch, Method::Options};

// What must come of it: 200 for everything that is let in.
int expected_status(const Path& path, Method method, const CredentialCase& credential) {
  if (path.needs == Needs::Never) return 404;
  const bool get = method == Method::Get || method == Method::Head;
  if (path.is_post ? method != Method::Post : !get) return 405;
  if (path.needs == Needs::Nothing) return 200;
  if (!credential.accepted) return 401;
  const bool permits = path.needs == Needs::Metrics ? credential.reads_metrics : credential.scores;
  return permits ? 200 : 403;
}

TEST_F(AccessMatrixTest, NobodyGetsMoreOrLessThanTheirDue) {
  Front house = front(keys_.get());
  for (const Path& path : paths()) {
    for (const Method method : kMethods) {
      for (const CredentialCase& credential : credentials()) {
        Asked asked(method, path.path, credential.headers);
        net::Response refusal;
        const bool admitted = house.admit(asked.head(), refusal).accepted();
        const std::string what =
            fmt::format("{} {} with {}", net::method_name(method), path.path, credential.name);
        const int expected = expected_status(path, method, credential);
        ASSERT_EQ(admitted ? 200 : refusal.status(), expected) << what;
        const bool asks =
            refusal.header_block().find("WWW-Authenticate: Bearer\r\n") != std::string::npos;
        ASSERT_EQ(asks, expected == 401) << what;
        for (const net::Header& header : credential.headers) {
          if (header.value.size() < 16) continue;
          ASSERT_EQ(refusal.body().find(header.value.substr(7)), std::string::npos) << what;
        }
      }
    }
  }
}

TEST_F(AccessMatrixTest, WithoutKeysEverybodyMayAsk) {
  Front house = front(nullptr);
  EXPECT_FALSE(house.authenticates());
  for (const Path& path : paths()) {
    const CredentialCase anyone{
        .name = "", .accepted = true, .scores = true, .reads_metrics = true};
    for (const Method method : kMethods) {
      Asked asked(method, path.path, {});
      net::Response refusal;
      const bool admitted = house.admit(asked.head(), refusal).accepted();
      ASSERT_EQ(admitted ? 200 : refusal.status(), expected_status(path, method, anyone))
          << path.path;
    }
  }
}

TEST_F(AccessMatrixTest, WhoMayNotKnowAnEndpointDoesNotLearnWhetherItIsThere) {
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

TEST_F(AccessMatrixTest, RefusalsHaveTheProtocolsFormAndAreCounted) {
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

TEST_F(AccessMatrixTest, WhatWasScoredIsToldWithTheKeysIdAndNoMore) {
  std::vector<std::string> told;
  Front house(
      endpoints_, metrics_, *pool_,
      {.version = "test",
       .inline_us_max = 1e12,
       .now = std::chrono::steady_clock::now,
       .keys = keys_.get(),
       .wall_now = [] { return kNow; },
       .scored =
           [&](const Scored& scored) {
             told.push_back(fmt::format("{} {} {}", scored.endpoint, scored.key_id, scored.status));
           }});
  Asked asked(Method::Post, "/score", {{"Authorization", bearer_good_}});
  net::Response refusal;
  ASSERT_TRUE(house.admit(asked.head(), refusal).accepted());
  house.handle(asked);
  EXPECT_EQ(told, std::vector<std::string>{"passengers " + good_.substr(6, 16) + " 400"});
}

}  // namespace
}  // namespace front
