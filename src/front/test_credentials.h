#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "auth/claims.h"
#include "auth/test_time.h"
#include "auth/test_token.h"
#include "net/request.h"

// For tests of who is let in: credentials, and access tokens of every kind.
namespace front::testing {

struct CredentialCase {
  std::string_view name;
  std::vector<net::Header> headers;
  bool accepted = false;  // It is a key of the server, which may permit something else.
  bool scores = false;
  bool reads_metrics = false;
  bool manages = false;
  bool token = false;  // It is one, and the answer to a wrong one says so.
};

inline constexpr std::string_view kLetAllIn = "score metrics manage";

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
    return auth::test_claims(auth::kNow, more, scp);
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
    refuse("expired token", es_.token(auth::test_claims(auth::kNow - std::chrono::hours(2))));
    refuse("token to come", es_.token(auth::test_claims(auth::kNow + std::chrono::hours(1))));
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

}  // namespace front::testing
