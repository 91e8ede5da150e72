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
#include "auth/test_token.h"
#include "front/front.h"

// Every route, with every method and every kind of credential, against what must come of it.

namespace front {
namespace {

using auth::kNow;
using net::Method;
using std::chrono::hours;

constexpr std::string_view kName = "passengers";

enum class Needs { Nothing, Score, Metrics, Manage, Never };

struct Path {
  std::string path;
  bool is_post;
  Needs needs;
};

const std::vector<Path>& paths() {
  static const std::vector<Path> all = {
      {"/", false, Needs::Nothing},
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
      {"/v2/models/passengers/config", false, Needs::Score},
      {"/v2/models/passengers/infer", true, Needs::Score},
      {"/v2/models/passengers/versions/1/infer", true, Needs::Score},
      {"/openapi.json", false, Needs::Score},
      {"/swagger.json", false, Needs::Score},
      {"/endpoints/passengers/openapi.json", false, Needs::Score},
      {"/endpoints/passengers/swagger.json", false, Needs::Score},
      {"/invocations", true, Needs::Score},
      {"/endpoints/passengers/invocations", true, Needs::Score},
      {"/ping", false, Needs::Nothing},
      {"/health", false, Needs::Nothing},
      {"/version", false, Needs::Score},
      {"/v1/models", false, Needs::Score},
      {"/v1/models/passengers", false, Needs::Score},
      {"/v1/models/passengers/versions/1", false, Needs::Score},
      {"/v1/models/passengers/metadata", false, Needs::Score},
      {"/v1/models/passengers:predict", true, Needs::Score},
      {"/v1/models/passengers/versions/1:predict", true, Needs::Score},
      {"/v1/models/passengers:classify", true, Needs::Score},
      {"/v1/models/passengers:regress", true, Needs::Score},
      {"/v2/models", false, Needs::Score},
      {"/v2/models/stats", false, Needs::Score},
      {"/v2/models/passengers/stats", false, Needs::Score},
      {"/v2/repository/index", true, Needs::Score},
      {"/v2/repository/models/passengers/load", true, Needs::Manage},
      {"/v2/repository/models/passengers/unload", true, Needs::Manage},
      // Other spellings are other paths, and lead nowhere.
      {"/invocations/", true, Needs::Never},
      {"/v1/models/passengers:predict/", true, Needs::Never},
      {"/v2/repository/index/", true, Needs::Never},
      {"/v2/repository/models/passengers/load/", true, Needs::Never},
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
  bool manages = false;
  bool token = false;  // It is one, and the answer to a wrong one says so.
};

constexpr std::string_view kLetAllIn = "score metrics manage";

// Tokens of one issuer, good ones and each kind of wrong ones; the good ones come first.
class TokenCases {
 public:
  TokenCases() {
    add("token", es_.token(claims("")), {.scores = true, .reads_metrics = true, .manages = true});
    add("token of RSA", rs_.token(claims("")),
        {.scores = true, .reads_metrics = true, .manages = true});
    add("token to manage this endpoint", es_.token(claims("", "manage:passengers")),
        {.manages = true});
    add("token for this endpoint", es_.token(claims("", "score:passengers")), {.scores = true});
    add("token for metrics alone", es_.token(claims("", "metrics")), {.reads_metrics = true});
    add("token for another endpoint",
        es_.token(claims("", "score:other metrics:other manage:other")), {});
    add("token that grants nothing", es_.token(claims("", "openid")), {});
    add("token of an application", es_.token(claims_of_application()), {.scores = true});
    add_refused();
  }

  const std::vector<CredentialCase>& cases() const { return cases_; }
  const std::string& good() const { return texts_.front()->token; }

  static auth::TokenRules rules() {
    return {.issuer = std::string(auth::kTestIssuer),
            .audiences = {std::string(auth::kTestAudience)}};
  }

 private:
  struct Grants {
    bool scores = false;
    bool reads_metrics = false;
    bool manages = false;
  };
  struct Text {
    std::string token;
    std::string bearer = "Bearer " + token;
  };

  static std::string claims(std::string_view more, std::string_view scp = kLetAllIn) {
    return auth::test_claims(kNow, more, scp);
  }
  static std::string claims_of_application() {
    std::string text = claims(R"(,"roles":["score"])");
    const std::string delegated = fmt::format(R"("scp":"{}",)", kLetAllIn);
    return text.replace(text.find(delegated), delegated.size(), "");
  }
  static std::string other(std::string_view member, std::string_view value) {
    std::string text = claims("");
    const std::size_t at = text.find(fmt::format(R"("{}":"{}")", member, value));
    return text.insert(at + member.size() + 4, "x");
  }

  // The views that headers are live as long as this.
  std::string_view text_of(std::string token) {
    texts_.push_back(std::make_unique<Text>(Text{std::move(token)}));
    return texts_.back()->bearer;
  }
  void add(std::string_view name, std::string token, Grants grants) {
    cases_.push_back({.name = name,
                      .headers = {{"Authorization", text_of(std::move(token))}},
                      .accepted = true,
                      .scores = grants.scores,
                      .reads_metrics = grants.reads_metrics,
                      .manages = grants.manages});
  }
  void refuse(std::string_view name, std::string token) {
    cases_.push_back(
        {.name = name, .headers = {{"Authorization", text_of(std::move(token))}}, .token = true});
  }

  void add_refused() {
    const std::string good = es_.token(claims(""));
    const std::string signature = good.substr(good.rfind('.'));
    const auto coded = [](std::string_view text) { return auth::base64url_encode(text); };
    refuse("expired token", es_.token(auth::test_claims(kNow - hours(2))));
    refuse("token to come", es_.token(auth::test_claims(kNow + hours(1))));
    refuse("token of another issuer", es_.token(other("iss", auth::kTestIssuer)));
    refuse("token for another audience", es_.token(other("aud", auth::kTestAudience)));
    refuse("token of an algorithm that is not taken",
           auth::test_key(auth::Algorithm::EdDsa).token(claims("")));
    refuse("token of an algorithm that is not the key's",
           es_.token(claims(""), R"({"alg":"RS256","kid":"es"})"));
    refuse("unsigned token", coded(R"({"alg":"none"})") + "." + coded(claims("")) + ".");
    refuse("token with the public key as secret",
           es_.token(claims(""), R"({"alg":"HS256","kid":"rs"})"));
    refuse("token of an unknown key",
           auth::TestKey("new", auth::Algorithm::Es256).token(claims("")));
    refuse("token of a stranger's key",
           auth::TestKey("es", auth::Algorithm::Es256).token(claims("")));
    refuse("token with other claims",
           good.substr(0, good.find('.')) + "." + coded(claims(R"(,"x":1)")) + signature);
    refuse("token with another signature",
           good.substr(0, good.rfind('.') + 1) + coded(std::string(64, 'x')));
    refuse("token without a signature", good.substr(0, good.rfind('.') + 1));
    refuse("ID token", es_.token(claims(R"(,"nonce":"n")")));
    refuse("token with an address for its key",
           es_.token(claims(""), R"({"alg":"ES256","kid":"es","jku":"https://evil.example"})"));
    refuse("no token", "abc");
  }

  const auth::TestKey& es_ = auth::test_key(auth::Algorithm::Es256);
  const auth::TestKey& rs_ = auth::test_key(auth::Algorithm::Rs256);
  std::vector<std::unique_ptr<Text>> texts_;
  std::vector<CredentialCase> cases_;
};

// A server's keys, and credentials of all kinds made of them.
class AccessMatrixTest : public ::testing::Test {
 protected:
  AccessMatrixTest() {
    good_ = add("passengers", {auth::Scope::Score});
    both_ = add("*", {auth::Scope::Score, auth::Scope::Metrics});
    metrics_key_ = add("passengers", {auth::Scope::Metrics});
    manage_key_ = add("passengers", {auth::Scope::Manage});
    all_ = add("*", {auth::Scope::Score, auth::Scope::Metrics, auth::Scope::Manage});
    elsewhere_ = add("other", {auth::Scope::Score, auth::Scope::Metrics, auth::Scope::Manage});
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
                  .wall_now = [] { return kNow; }});
  }

  void check_all(Front& house, const std::vector<CredentialCase>& credentials);

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

constexpr std::array kMethods = {Method::Get,    Method::Head,  Method::Post,   Method::Put,
                                 Method::Delete, Method::Patch, Method::Options};

// What must come of it: 200 for everything that is let in.
int expected_status(const Path& path, Method method, const CredentialCase& credential) {
  if (path.needs == Needs::Never) return 404;
  const bool get = method == Method::Get || method == Method::Head;
  if (path.is_post ? method != Method::Post : !get) return 405;
  if (path.needs == Needs::Nothing) return 200;
  if (!credential.accepted) return 401;
  bool permits = credential.scores;
  if (path.needs == Needs::Metrics) permits = credential.reads_metrics;
  if (path.needs == Needs::Manage) permits = credential.manages;
  return permits ? 200 : 403;
}

void AccessMatrixTest::check_all(Front& house, const std::vector<CredentialCase>& credentials) {
  for (const Path& path : paths()) {
    for (const Method method : kMethods) {
      for (const CredentialCase& credential : credentials) {
        Asked asked(method, path.path, credential.headers);
        net::Response refusal;
        const bool admitted = house.admit(asked.head(), refusal).accepted();
        const std::string what =
            fmt::format("{} {} with {}", net::method_name(method), path.path, credential.name);
        const int expected = expected_status(path, method, credential);
        ASSERT_EQ(admitted ? 200 : refusal.status(), expected) << what;
        const std::string challenge = credential.token
                                          ? "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
                                          : "WWW-Authenticate: Bearer\r\n";
        const bool asks = refusal.header_block().find(challenge) != std::string::npos;
        ASSERT_EQ(asks, expected == 401) << what;
        for (const net::Header& header : credential.headers) {
          if (header.value.size() < 16) continue;
          ASSERT_EQ(refusal.body().find(header.value.substr(7)), std::string::npos) << what;
        }
      }
    }
  }
}

TEST_F(AccessMatrixTest, NobodyGetsMoreOrLessThanTheirDue) {
  Front house = front(keys_.get());
  check_all(house, credentials());
}

TEST_F(AccessMatrixTest, NobodyGetsMoreOrLessWhereTokensAreTakenToo) {
  Front house = front(keys_.get(), &tokens_);
  check_all(house, credentials_and_tokens());
}

TEST_F(AccessMatrixTest, AServerMayTakeTokensAlone) {
  Front house = front(nullptr, &tokens_);
  EXPECT_TRUE(house.authenticates());
  check_all(house, token_cases_.cases());
  check_all(house, {{.name = "none"},
                    {.name = "key", .headers = {{"x-api-key", good_}}},
                    {.name = "key as bearer", .headers = {{"Authorization", bearer_good_}}}});
}

// A server with keys alone does not know what a token is.
TEST_F(AccessMatrixTest, TokensOpenNothingWhereNoneAreTaken) {
  Front house = front(keys_.get());
  for (const CredentialCase& each : token_cases_.cases()) {
    check_all(house, {{.name = each.name, .headers = each.headers}});
  }
}

TEST_F(AccessMatrixTest, WithoutKeysEverybodyMayAsk) {
  Front house = front(nullptr);
  EXPECT_FALSE(house.authenticates());
  for (const Path& path : paths()) {
    const CredentialCase anyone{
        .name = "", .accepted = true, .scores = true, .reads_metrics = true, .manages = true};
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

TEST_F(AccessMatrixTest, WhatWasScoredIsToldWithItsCallerAndNoMore) {
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

TEST_F(AccessMatrixTest, RefusedTokensAreToldApartInMetricsAlone) {
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
