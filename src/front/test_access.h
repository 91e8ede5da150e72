#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auth/keys.h"
#include "auth/test_time.h"
#include "front/front.h"
#include "front/test_credentials.h"

// For tests of who is let in: a server with keys of every kind, and requests to it.
namespace front::testing {

inline constexpr std::string_view kName = "passengers";

// A request without a connection.
class Asked final : public net::Exchange {
 public:
  Asked(net::Method method, std::string_view path, const std::vector<net::Header>& headers) {
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

// A server's keys, and credentials of all kinds made of them.
class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    good_ = add("passengers", {auth::Scope::Score});
    both_ = add("*", {auth::Scope::Score, auth::Scope::Metrics});
    metrics_key_ = add("passengers", {auth::Scope::Metrics});
    manage_key_ = add("passengers", {auth::Scope::Manage});
    all_ = add("*", {auth::Scope::Score, auth::Scope::Metrics, auth::Scope::Manage});
    elsewhere_ = add("other", {auth::Scope::Score, auth::Scope::Metrics, auth::Scope::Manage});
    expired_ = add("*", {auth::Scope::Score, auth::Scope::Metrics}, auth::kNow);
    rotated_ = add("*", {auth::Scope::Score, auth::Scope::Metrics});
    records_.back() =
        auth::rotate_key(records_, records_.back().id, auth::system_random, auth::kNow)->record;
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
    endpoints_.add(std::make_shared<serve::Endpoint>(std::string(kName), "1", *scorer, metrics_));
    queue_ = *serve::WorkQueue::start(
        {.name = "test", .workers = 1, .now = std::chrono::steady_clock::now});
    tokens_.publish(
        std::make_shared<const auth::TokenKeys>(*auth::TokenKeys::parse(auth::test_jwks())));
    bearer_token_ = "Bearer " + token_cases_.good();
  }

  std::string add(std::string endpoint, auth::Scopes scope,
                  std::optional<auth::Timestamp> expires = std::nullopt) {
    auto minted = auth::mint({.client = "shop",
                              .endpoint = std::move(endpoint),
                              .scope = scope,
                              .created = auth::kNow - std::chrono::hours(1),
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
         .headers = {{"x-api-key", all_}},
         .accepted = true,
         .scores = true,
         .reads_metrics = true,
         .manages = true},
        {.name = "to score and to read metrics",
         .headers = {{"x-api-key", both_}},
         .accepted = true,
         .scores = true,
         .reads_metrics = true},
        {.name = "to manage alone",
         .headers = {{"x-api-key", manage_key_}},
         .accepted = true,
         .manages = true},
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
  // Those, and tokens, for a server that takes both.
  std::vector<CredentialCase> credentials_and_tokens() const {
    std::vector<CredentialCase> all = credentials();
    const auto& of_tokens = token_cases_.cases();
    all.insert(all.end(), of_tokens.begin(), of_tokens.end());
    const std::string_view token = token_cases_.good();
    all.push_back({.name = "token and key that differ",
                   .headers = {{"Authorization", bearer_token_}, {"x-api-key", good_}}});
    all.push_back({.name = "key and token that differ",
                   .headers = {{"Authorization", bearer_good_}, {"x-api-key", token}}});
    all.push_back(
        {.name = "token twice",
         .headers = {{"Authorization", bearer_token_}, {"Authorization", bearer_token_}}});
    all.push_back({.name = "token as x-api-key", .headers = {{"x-api-key", token}}});
    all.push_back({.name = "token in both fields",
                   .headers = {{"Authorization", bearer_token_}, {"x-api-key", token}},
                   .accepted = true,
                   .scores = true,
                   .reads_metrics = true,
                   .manages = true});
    return all;
  }

  Front front(const Guard::Keys* keys, Tokens* tokens = nullptr) {
    return Front(endpoints_, metrics_, *queue_,
                 {.version = "test",
                  .now = std::chrono::steady_clock::now,
                  .keys = keys,
                  .tokens = tokens,
                  .wall_now = [] { return auth::kNow; }});
  }

  std::vector<auth::KeyRecord> records_;
  std::string good_, both_, all_, manage_key_, metrics_key_, elsewhere_, expired_, rotated_,
      stranger_;
  std::string bearer_good_, bearer_both_, basic_, cut_;
  std::unique_ptr<Guard::Keys> keys_;
  telemetry::Metrics metrics_;
  serve::Endpoints endpoints_;
  std::unique_ptr<serve::WorkQueue> queue_;
  const TokenCases token_cases_;
  Tokens tokens_{TokenCases::rules(), metrics_};
  std::string bearer_token_;
};

}  // namespace front::testing
