// Every route, with every method and every kind of credential, against what must come of it.
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "front/test_access.h"

namespace front {
namespace {

using net::Method;
using testing::Asked;
using testing::CredentialCase;
using testing::CredentialsTest;

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

class AccessMatrixTest : public CredentialsTest {
 protected:
  void check_all(Front& house, const std::vector<CredentialCase>& credentials);
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

}  // namespace
}  // namespace front
