#include "oci/registry_auth.h"

#include <string>

#include <gtest/gtest.h>

#include "net/test_server.h"
#include "oci/test_registry.h"

namespace oci {
namespace {

using AccessKind = RegistryAccess::Kind;

class RegistryAuthTest : public RegistryTest {
 protected:
  base::Error refused() {
    auto outcome = client()->has_blob(base::Digest::of("x"));
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? base::Error(base::Code::Internal, "") : outcome.error();
  }
  std::string refused_with(const Credentials& credentials) {
    credentials_ = credentials;
    return refused().message();
  }
};

TEST_F(RegistryAuthTest, SaysNothingUnlessAsked) {
  credentials_ = {.user = "me", .secret = "secret"};
  EXPECT_TRUE(client()->check_access().ok());
  EXPECT_EQ(credentials_asked_, 0);
}

TEST_F(RegistryAuthTest, AnswersBasic) {
  served_.access.kind = AccessKind::Basic;
  credentials_ = {.user = "me", .secret = "secret"};
  const auto registry = client();
  EXPECT_TRUE(registry->check_access().ok());
  EXPECT_TRUE(registry->has_blob(base::Digest::of("x")).ok());
  EXPECT_EQ(served_.log().size(), 3U);  // Asked once only.
  EXPECT_EQ(credentials_asked_, 1);
}

TEST_F(RegistryAuthTest, ChecksALoginWithoutARepository) {
  const RegistryOptions options{.host = served_.host(), .repository = ""};
  for (const AccessKind kind : {AccessKind::Basic, AccessKind::Bearer}) {
    served_.access.kind = kind;
    credentials_ = {.user = "me", .secret = "secret"};
    EXPECT_TRUE(Registry::check_login(world(), options).ok());
    credentials_ = {.user = "me", .secret = "wrong"};
    const auto refused = Registry::check_login(world(), options);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), base::Code::Unauthenticated);
  }
  EXPECT_EQ(
      Registry::check_login(world(), {.host = "registry", .repository = ""}).error().message(),
      "registry \"registry\": expected a host, as in registry.example or localhost:5000");
}

TEST_F(RegistryAuthTest, FetchesATokenAndKeepsIt) {
  served_.access.kind = AccessKind::Bearer;
  credentials_ = {.user = "me", .secret = "secret"};
  const auto registry = client();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(registry->has_blob(base::Digest::of("x")).ok());
  EXPECT_EQ(served_.count("/token?service=test&scope=repository%3Ateam%2Ffaq%3Apull"), 1);
  EXPECT_TRUE(registry->push_blob(describe("y"), base::as_bytes("y")).ok());
  EXPECT_EQ(served_.count("/token?service=test&scope=repository%3Ateam%2Ffaq%3Apull%2Cpush"), 1);
}

TEST_F(RegistryAuthTest, FetchesAnotherBeforeItEnds) {
  served_.access.kind = AccessKind::Bearer;
  credentials_ = {.user = "me", .secret = "secret"};
  const auto registry = client();
  EXPECT_TRUE(registry->check_access().ok());
  now_ += std::chrono::seconds(49);
  EXPECT_TRUE(registry->check_access().ok());
  EXPECT_EQ(served_.count("/token"), 1);
  now_ += std::chrono::seconds(2);  // 60 s, where nothing is said, less a margin.
  EXPECT_TRUE(registry->check_access().ok());
  EXPECT_EQ(served_.count("/token"), 2);
  served_.access.expires_in = "300";
  now_ += std::chrono::seconds(60);
  EXPECT_TRUE(registry->check_access().ok());
  now_ += std::chrono::seconds(280);
  EXPECT_TRUE(registry->check_access().ok());
  EXPECT_EQ(served_.count("/token"), 3);
}

TEST_F(RegistryAuthTest, ATokenThatEndsOnTheWayIsReplaced) {
  served_.access.kind = AccessKind::Bearer;
  served_.access.uses_of_token = 2;
  credentials_ = {.user = "me", .secret = "secret"};
  const std::string bytes(10'000, 'x');
  const auto pushed =
      client({.chunk_bytes = 1000})->push_blob(describe(bytes), base::as_bytes(bytes));
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  EXPECT_EQ(kept(describe(bytes)), bytes);
  EXPECT_GE(served_.count("/token"), 5);
}

TEST_F(RegistryAuthTest, WorksWithoutCredentialsWhereTokensAreFree) {
  served_.access.kind = AccessKind::Bearer;
  served_.access.anonymous = true;
  EXPECT_TRUE(client()->has_blob(base::Digest::of("x")).ok());
}

TEST_F(RegistryAuthTest, ExchangesAnIdentityToken) {
  served_.access.kind = AccessKind::Bearer;
  credentials_ = {.user = "<token>", .secret = "refresh", .identity_token = true};
  EXPECT_TRUE(client()->has_blob(base::Digest::of("x")).ok());
  EXPECT_EQ(served_.count("POST /token"), 1);
  EXPECT_EQ(served_.count("GET /token"), 0);
}

TEST_F(RegistryAuthTest, AsksTheOldWayWhereOAuthIsNotKnown) {
  served_.access.kind = AccessKind::Bearer;
  served_.access.knows_oauth = false;
  credentials_ = {.user = "me", .secret = "refresh", .identity_token = true};
  EXPECT_TRUE(client()->has_blob(base::Digest::of("x")).ok());
  EXPECT_EQ(served_.count("POST /token"), 1);
  EXPECT_EQ(served_.count("GET /token"), 1);
}

TEST_F(RegistryAuthTest, EveryRefusalSaysWhatToDo) {
  const std::string host = served_.host();
  const std::string registry = "registry \"" + host + "\": ";
  const std::string wrong =
      registry + "the credentials were refused; log in again with \"sooth login " + host + "\"";
  for (const AccessKind kind : {AccessKind::Basic, AccessKind::Bearer}) {
    served_.access.kind = kind;
    credentials_.reset();
    const base::Error none = refused();
    EXPECT_EQ(none.code(), base::Code::Unauthenticated);
    EXPECT_EQ(none.message(), registry +
                                  "it asks for credentials and none are known; log in with "
                                  "\"sooth login " +
                                  host + "\"");
    EXPECT_EQ(refused_with({.user = "me", .secret = "wrong"}), wrong);
  }
  EXPECT_EQ(refused_with({.user = "<token>", .secret = "wrong", .identity_token = true}), wrong);
}

TEST_F(RegistryAuthTest, ASmallerGrantIsAnErrorOnlyWhereItIsTooSmall) {
  served_.access.kind = AccessKind::Bearer;
  served_.access.read_only = true;
  credentials_ = {.user = "me", .secret = "secret"};
  const auto registry = client();
  EXPECT_TRUE(registry->has_blob(base::Digest::of("x")).ok());
  const auto pushed = registry->push_blob(describe("x"), base::as_bytes("x"));
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().code(), base::Code::Denied);
  EXPECT_NE(pushed.error().message().find("no permission for \"team/faq\"; ask its owner for it"),
            std::string::npos)
      << pushed.error().message();
}

TEST_F(RegistryAuthTest, GivesCredentialsToNoServerWithoutTls) {
  served_.access.kind = AccessKind::Bearer;
  credentials_ = {.user = "me", .secret = "secret"};
  served_.access.realm = "http://auth.example/token";
  const base::Error error = refused();
  EXPECT_EQ(error.code(), base::Code::Denied);
  EXPECT_NE(error.message().find("expected its server to be https, got "
                                 "\"http://auth.example/token\""),
            std::string::npos)
      << error.message();
  served_.access.realm = "https://me:secret@auth.example/token";
  EXPECT_EQ(refused().message().find("me:secret"), std::string::npos);
}

TEST_F(RegistryAuthTest, RefusesChallengesItCannotAnswer) {
  served_.access.kind = AccessKind::Basic;
  for (const auto& [challenge, code] :
       {std::pair("Negotiate", base::Code::Unsupported), std::pair("=\"", base::Code::Corrupt),
        std::pair("Bearer service=\"x\"", base::Code::Invalid)}) {
    served_.access.challenge = challenge;
    EXPECT_EQ(refused().code(), code) << challenge;
  }
}

TEST_F(RegistryAuthTest, RefusesTokensThatAreNone) {
  served_.access.kind = AccessKind::Bearer;
  for (const std::string body :
       {"", "[]", "{}", R"({"token":1})", R"({"token":""})", R"({"token":"a\r\nX-B: c"})"}) {
    const net::ScriptedServer server([&body](auto& socket) {
      net::read_request(socket);
      net::write_text(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body);
    });
    served_.access.realm = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    const base::Error error = refused();
    EXPECT_EQ(error.code(), base::Code::Corrupt) << body << ": " << error.message();
  }
}

}  // namespace
}  // namespace oci
