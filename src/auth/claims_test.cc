#include "auth/claims.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/key.h"
#include "auth/test_time.h"

namespace auth {
namespace {

using Grants = std::vector<TokenIdentity::Grant>;

TokenRules claims_rules() { return {.issuer = "https://i.example", .audiences = {"api", "own"}}; }

// Claims that hold but for what `more` adds; names in `without` are left out.
std::string claims_with(std::string_view more, std::string_view without = "") {
  const auto now = kNow.time_since_epoch().count();
  std::string text = "{";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (name != without) text += fmt::format(R"({}"{}":{})", text == "{" ? "" : ",", name, value);
  };
  add("iss", R"("https://i.example")");
  add("aud", R"("api")");
  add("exp", fmt::format("{}", now + 600));
  add("sub", R"("user")");
  return text + std::string(more) + "}";
}

// The fault's name; "" where it is accepted.
std::string fault_of(const std::string& claims, const TokenRules& rules = claims_rules()) {
  const TokenVerdict verdict = check_claims(claims, rules, kNow);
  const auto* const fault = std::get_if<TokenFault>(&verdict);
  return fault == nullptr ? "" : std::string(fault_name(*fault));
}

TokenIdentity identity_of(const std::string& claims, const TokenRules& rules = claims_rules()) {
  const TokenVerdict verdict = check_claims(claims, rules, kNow);
  const auto* const identity = std::get_if<TokenIdentity>(&verdict);
  EXPECT_NE(identity, nullptr) << claims;
  return identity == nullptr ? TokenIdentity() : *identity;
}

TEST(ClaimsTest, RefusesWhatIsNotMeantForThisServer) {
  const struct {
    std::string claims;
    std::string fault;
  } cases[] = {
      {claims_with(""), ""},
      {"", "malformed"},
      {"[]", "malformed"},
      {claims_with(R"(,"aud":"api")"), "malformed"},
      {claims_with(R"(,"deep":[[[[[[[[1]]]]]]]])"), "malformed"},
      {claims_with(R"(,"deep":[[[[[[[1]]]]]]])"), ""},
      {claims_with(",\"name\":\"\xFF\""), "malformed"},
      {claims_with("", "iss"), "issuer"},
      {claims_with(R"(,"iss":"https://i.example/")", "iss"), "issuer"},
      {claims_with(R"(,"iss":"HTTPS://i.example")", "iss"), "issuer"},
      {claims_with(R"(,"iss":["https://i.example"])", "iss"), "issuer"},
      {claims_with("", "aud"), "audience"},
      {claims_with(R"(,"aud":"API")", "aud"), "audience"},
      {claims_with(R"(,"aud":"")", "aud"), "audience"},
      {claims_with(R"(,"aud":[])", "aud"), "audience"},
      {claims_with(R"(,"aud":["other",7])", "aud"), "audience"},
      {claims_with(R"(,"aud":["other","own"])", "aud"), ""},
      {claims_with(R"(,"aud":{"api":1})", "aud"), "audience"},
  };
  for (const auto& c : cases) EXPECT_EQ(fault_of(c.claims), c.fault) << c.claims;
}

TEST(ClaimsTest, HoldsToItsTimesWithAMinuteOfLeeway) {
  const auto now = kNow.time_since_epoch().count();
  const auto with = [&](std::string_view name, std::int64_t seconds) {
    return claims_with(fmt::format(R"(,"{}":{})", name, now + seconds), name);
  };
  EXPECT_EQ(fault_of(with("exp", -59)), "");
  EXPECT_EQ(fault_of(with("exp", -60)), "expired");
  EXPECT_EQ(fault_of(with("nbf", 60)), "");
  EXPECT_EQ(fault_of(with("nbf", 61)), "not_yet_valid");
  EXPECT_EQ(fault_of(with("iat", 60)), "");
  EXPECT_EQ(fault_of(with("iat", 61)), "not_yet_valid");
  EXPECT_EQ(fault_of(claims_with("", "exp")), "malformed");
  EXPECT_EQ(fault_of(claims_with(fmt::format(R"(,"exp":{}.75)", now + 1), "exp")), "");
  for (const char* value : {"\"9999999999\"", "-1", "1e300", "null", "true", "[1]", "253402300800",
                            "18446744073709551615"}) {
    EXPECT_EQ(fault_of(claims_with(fmt::format(R"(,"exp":{})", value), "exp")), "malformed")
        << value;
    EXPECT_EQ(fault_of(claims_with(fmt::format(R"(,"nbf":{})", value))), "malformed") << value;
  }
  const TokenIdentity identity = identity_of(with("nbf", 7));
  EXPECT_EQ(identity.valid_from, kNow - std::chrono::seconds(53));
  EXPECT_EQ(identity.valid_until, kNow + std::chrono::seconds(660));
}

TEST(ClaimsTest, TakesAccessTokensOnly) {
  for (const char* more :
       {R"(,"nonce":"n")", R"(,"at_hash":"h")", R"(,"c_hash":"h")", R"(,"events":{})",
        R"(,"cnf":{"jkt":"k"})", R"(,"typ":"ID")", R"(,"typ":"Refresh")", R"(,"typ":1)",
        R"(,"token_use":"id")", R"(,"nonce":null)"}) {
    EXPECT_EQ(fault_of(claims_with(more)), "kind") << more;
  }
  EXPECT_EQ(fault_of(claims_with(R"(,"typ":"Bearer","token_use":"access")")), "");
}

TEST(ClaimsTest, GroupsThatAreElsewhereAreADenial) {
  for (const char* more : {R"(,"_claim_names":{"groups":"src1"},"scp":"score")",
                           R"(,"hasgroups":true)", R"(,"_claim_sources":{})"}) {
    EXPECT_EQ(fault_of(claims_with(more)), "overage") << more;
  }
}

TEST(ClaimsTest, WordsGrantWhatTheyName) {
  const Scopes score = {Scope::Score};
  const struct {
    std::string more;
    Grants grants;
  } cases[] = {
      {"", {}},
      {R"(,"scp":"score")", {{"*", score}}},
      {R"(,"scope":" openid  score:faq metrics ")", {{"faq", score}, {"*", {Scope::Metrics}}}},
      {R"(,"scp":["score:faq","metrics:faq"])", {{"faq", {Scope::Score, Scope::Metrics}}}},
      {R"(,"roles":["score"])", {{"*", score}}},
      // What a client may do for a user is not made more by what the user may do.
      {R"(,"scp":"openid","roles":["score"])", {}},
      {R"(,"scope":"","roles":["score"])", {}},
      {R"(,"scp":"Score score: score:* score:FAQ score:a/b score:faq:2 scored :faq")", {}},
      {R"(,"scp":["score metrics"])", {}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(identity_of(claims_with(c.more)).grants, c.grants) << c.more;
  }
  for (const char* more : {R"(,"scp":7)", R"(,"scp":["score",7])", R"(,"roles":"score")",
                           R"(,"roles":{"score":1})", R"(,"scp":"score","scope":"score")"}) {
    EXPECT_EQ(fault_of(claims_with(more)), "malformed") << more;
  }
}

TEST(ClaimsTest, AGrantIsForItsEndpointAndScope) {
  const TokenIdentity one = identity_of(claims_with(R"(,"scp":"score:faq metrics")"));
  EXPECT_TRUE(one.permits("faq", Scope::Score));
  EXPECT_FALSE(one.permits("other", Scope::Score));
  EXPECT_TRUE(one.permits(kSomeEndpoint, Scope::Score));
  EXPECT_FALSE(one.permits("*", Scope::Score));
  EXPECT_TRUE(one.permits("*", Scope::Metrics));
  EXPECT_TRUE(one.permits("faq", Scope::Metrics));
  EXPECT_FALSE(TokenIdentity().permits("faq", Scope::Score));
}

TEST(ClaimsTest, WordsMayHaveAPrefix) {
  TokenRules rules = claims_rules();
  rules.word_prefix = "Sooth.";
  const std::string claims = claims_with(R"(,"scp":"score Sooth.score:faq sooth.metrics")");
  EXPECT_EQ(identity_of(claims, rules).grants, (Grants{{"faq", {Scope::Score}}}));
}

TEST(ClaimsTest, GrantsAreNoMoreThanSomebodyNeeds) {
  std::string words;
  for (int i = 0; i < 1000; ++i) words += fmt::format("score:e{} ", i);
  EXPECT_EQ(identity_of(claims_with(fmt::format(R"(,"scp":"{}")", words))).grants.size(), 128U);
}

TEST(ClaimsTest, TenantsAreOfAList) {
  TokenRules rules = claims_rules();
  rules.tenants = {"t1", "t2"};
  EXPECT_EQ(fault_of(claims_with(""), rules), "tenant");
  EXPECT_EQ(fault_of(claims_with(R"(,"tid":"t3")"), rules), "tenant");
  EXPECT_EQ(fault_of(claims_with(R"(,"tid":7)"), rules), "tenant");
  EXPECT_EQ(fault_of(claims_with(R"(,"tid":"t2")"), rules), "");
  rules.issuer = "https://login.example/{tenantid}/v2.0";
  const auto of = [](std::string_view issuer, std::string_view tenant) {
    return claims_with(
        fmt::format(R"(,"iss":"https://login.example/{}/v2.0","tid":"{}")", issuer, tenant), "iss");
  };
  EXPECT_EQ(fault_of(of("t1", "t1"), rules), "");
  EXPECT_EQ(fault_of(of("t1", "t2"), rules), "issuer");
  EXPECT_EQ(fault_of(of("common", "t1"), rules), "issuer");
  EXPECT_EQ(fault_of(of("{tenantid}", "t1"), rules), "issuer");
  EXPECT_EQ(fault_of(of("t3", "t3"), rules), "tenant");
}

TEST(ClaimsTest, TheClientHasANameForLogs) {
  const struct {
    std::string more;
    std::string client;
  } cases[] = {
      {"", "user"},
      {R"(,"client_id":"c")", "c"},
      {R"(,"client_id":"c","appid":"b","azp":"a")", "a"},
      {R"(,"azp":"a b\n\u001b[31mé")", "a_b__[31m__"},
      {fmt::format(R"(,"azp":"{}")", std::string(100, 'x')), std::string(64, 'x')},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(identity_of(claims_with(c.more)).client, c.client);
    EXPECT_EQ(client_of_claims(claims_with(c.more)), c.client);
  }
  EXPECT_EQ(fault_of(claims_with(R"(,"azp":7)")), "malformed");
  EXPECT_EQ(identity_of(claims_with("", "sub")).client, "");
}

TEST(ClaimsTest, RulesNameAnIssuerAnAudienceAndAnAlgorithm) {
  EXPECT_TRUE(check_rules(claims_rules()).ok());
  const struct {
    TokenRules rules;
    std::string message;
  } cases[] = {
      {{.audiences = {"api"}}, "issuer \"\": expected the text that tokens have as \"iss\""},
      {{.issuer = "i"}, "audience: expected what tokens for this server have as \"aud\", got none"},
      {{.issuer = "i", .audiences = {"a", ""}},
       "audience: expected what tokens for this server have as \"aud\", got none"},
      {{.issuer = "i", .audiences = {"a"}, .algorithms = {}},
       "algorithms: expected some of RS256, PS256, ES256, EdDSA, got none"},
      {{.issuer = "https://i/{tenantid}", .audiences = {"a"}},
       "issuer \"https://i/{tenantid}\": expected the tenants that are meant, got none"},
  };
  for (const auto& c : cases) {
    const auto checked = check_rules(c.rules);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().message(), c.message);
  }
}

}  // namespace
}  // namespace auth
