#include "auth/credential.h"

#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace auth {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

TEST(CredentialTest, IsTheOneThatTheFieldsAgreeOn) {
  using Kind = Credential::Kind;
  const struct {
    Fields fields;
    Kind kind;
    std::string_view text;
  } cases[] = {
      {{}, Kind::None, ""},
      {{{"Host", "x"}, {"Cookie", "a=b"}}, Kind::None, ""},
      {{{"Authorization", "Bearer k"}}, Kind::Key, "k"},
      {{{"authorization", "bearer k"}}, Kind::Key, "k"},
      {{{"AUTHORIZATION", "BEARER   k"}}, Kind::Key, "k"},
      {{{"x-api-key", "k"}}, Kind::Key, "k"},
      {{{"X-API-Key", "Bearer k"}}, Kind::Key, "Bearer k"},
      {{{"Authorization", "Bearer k"}, {"x-api-key", "k"}}, Kind::Key, "k"},
      {{{"Authorization", "Bearer k"}, {"x-api-key", "l"}}, Kind::Unclear, ""},
      {{{"Authorization", "Bearer k"}, {"Authorization", "Bearer k"}}, Kind::Unclear, ""},
      {{{"x-api-key", "k"}, {"x-api-key", "k"}}, Kind::Unclear, ""},
      {{{"Authorization", "Basic k"}}, Kind::Unclear, ""},
      {{{"Authorization", "Basic k"}, {"x-api-key", "k"}}, Kind::Unclear, ""},
      {{{"Authorization", "Bearer"}}, Kind::Unclear, ""},
      {{{"Authorization", "Bearer "}}, Kind::Unclear, ""},
      {{{"Authorization", "Bearerk"}}, Kind::Unclear, ""},
      {{{"Authorization", ""}}, Kind::Unclear, ""},
      {{{"x-api-key", ""}}, Kind::Unclear, ""},
      {{{"x-api-key ", "k"}}, Kind::None, ""},
  };
  for (const auto& c : cases) {
    CredentialReader reader;
    for (const auto& [name, value] : c.fields) reader.see(name, value);
    const Credential credential = reader.credential();
    EXPECT_EQ(credential.kind, c.kind) << (c.fields.empty() ? "" : c.fields.back().second);
    EXPECT_EQ(credential.text, c.text);
  }
}

TEST(CredentialTest, SaysWhetherItCameAsBearer) {
  const struct {
    Fields fields;
    bool bearer;
  } cases[] = {
      {{}, false},
      {{{"x-api-key", "k"}}, false},
      {{{"Authorization", "Bearer k"}}, true},
      {{{"x-api-key", "k"}, {"Authorization", "Bearer k"}}, true},
  };
  for (const auto& c : cases) {
    CredentialReader reader;
    for (const auto& [name, value] : c.fields) reader.see(name, value);
    EXPECT_EQ(reader.credential().bearer, c.bearer);
  }
}

}  // namespace
}  // namespace auth
