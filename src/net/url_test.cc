#include "net/url.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace net {
namespace {

Url url(std::string_view text) {
  auto parsed = Url::parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message();
  return parsed.ok() ? *parsed : Url{};
}

TEST(UrlTest, HasSchemeHostPortAndTarget) {
  const Url full = url("HTTPS://Registry.Example:5000/v2/a%20b?x=1&y=/");
  EXPECT_TRUE(full.origin.tls);
  EXPECT_EQ(full.origin.host, "registry.example");
  EXPECT_EQ(full.origin.port, 5000);
  EXPECT_EQ(full.target, "/v2/a%20b?x=1&y=/");
  EXPECT_EQ(full.text(), "https://registry.example:5000/v2/a%20b?x=1&y=/");
  EXPECT_EQ(full.display(), "https://registry.example:5000/v2/a%20b");
}

TEST(UrlTest, CompletesWhatMayBeLeftOut) {
  EXPECT_EQ(url("https://a").text(), "https://a/");
  EXPECT_EQ(url("https://a:443/").text(), "https://a/");
  EXPECT_EQ(url("http://a:80").text(), "http://a/");
  EXPECT_EQ(url("http://a?q").text(), "http://a/?q");
  EXPECT_EQ(url("http://a").origin.port, 80);
}

TEST(UrlTest, KnowsAddresses) {
  const Url v6 = url("http://[::1]:5000/x");
  EXPECT_EQ(v6.origin.host, "::1");
  EXPECT_EQ(v6.origin.authority(), "[::1]:5000");
  EXPECT_EQ(url("https://[2001:DB8::1]/").origin.authority(), "[2001:db8::1]");
}

TEST(UrlTest, KnowsWhatCanOnlyBeThisMachine) {
  for (const char* text : {"http://localhost", "http://127.0.0.1:5000", "http://127.9.9.9",
                           "http://[::1]", "http://LOCALHOST/"}) {
    EXPECT_TRUE(url(text).origin.loopback()) << text;
  }
  for (const char* text : {"http://localhost.example", "http://128.0.0.1", "http://[::2]",
                           "http://127.0.0.1.example", "http://a"}) {
    EXPECT_FALSE(url(text).origin.loopback()) << text;
  }
}

TEST(UrlTest, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "a",
                           "ftp://a/",
                           "https:/a",
                           "https://",
                           "https:///x",
                           "https://a b/",
                           "https://a/\r\n",
                           "https://a/\x01",
                           "https://\xC3\xA4/",
                           "https://a/#f",
                           "https://user@a/",
                           "https://u:p@a/",
                           "https://a:0/",
                           "https://a:65536/",
                           "https://a:/",
                           "https://a:x/",
                           "https://[::1",
                           "https://[::1]x/",
                           "https://[fe80::1%25eth0]/",
                           "https://[127.0.0.1]/",
                           "https://-a/",
                           "https://a..b/",
                           "https://127.1/",
                           "https://2130706433/",
                           "https://0x7f.1/",
                           "https://0x7f000001/",
                           "https://1.2.3.4.5/",
                           "https://999.1.1.1/",
                           "https://a%2eb/",
                           "https://a\\b/"}) {
    EXPECT_FALSE(Url::parse(text).ok()) << text;
  }
  EXPECT_FALSE(Url::parse("https://a/" + std::string(Url::kBytesMax, 'x')).ok());
}

TEST(UrlTest, DoesNotRepeatSecrets) {
  EXPECT_EQ(Url::parse("https://me:secret@a/").error().message(),
            "URL: expected no user or password in it");
  const auto query = Url::parse("ftp://a/x?sig=secret");
  EXPECT_EQ(query.error().message(), "URL \"ftp://a/x\": expected https:// or http:// in front");
}

TEST(UrlTest, ResolvesReferencesFromAnswers) {
  const Url base = url("https://r.example:5000/v2/faq/uploads/1?state=a");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"https://s.example/x?y", "https://s.example/x?y"},
      {"http://s.example/x", "http://s.example/x"},
      {"//s.example/x", "https://s.example/x"},
      {"/v2/b?state=c", "https://r.example:5000/v2/b?state=c"},
      {"2?state=b", "https://r.example:5000/v2/faq/uploads/2?state=b"},
      {"?state=b", "https://r.example:5000/v2/faq/uploads/1?state=b"},
      {"../x", "https://r.example:5000/v2/faq/x"},
      {"../../../../../x", "https://r.example:5000/x"},
      {"/a/./b/..", "https://r.example:5000/a/"},
      {"/a?x=../b", "https://r.example:5000/a?x=../b"},
      {"/a?u=https://b/", "https://r.example:5000/a?u=https://b/"},
      {"/a#b", "https://r.example:5000/a"},
      {"", "https://r.example:5000/v2/faq/uploads/1?state=a"}};
  for (const auto& [reference, expected] : cases) {
    const auto resolved = base.resolve(reference);
    ASSERT_TRUE(resolved.ok()) << reference << ": " << resolved.error().message();
    EXPECT_EQ(resolved->text(), expected) << reference;
  }
}

TEST(UrlTest, ResolvesNothingElse) {
  const Url base = url("https://r.example/");
  for (const char* reference :
       {"ftp://a/", "javascript:alert(1)", "//u@b/", "/a b", "/a\r\nX: y", "https://", "//"}) {
    EXPECT_FALSE(base.resolve(reference).ok()) << reference;
  }
}

TEST(UrlTest, EncodesValues) {
  EXPECT_EQ(percent_encode("repository:a/b:pull,push"), "repository%3Aa%2Fb%3Apull%2Cpush");
  EXPECT_EQ(percent_encode("Az09-._~ \xFF"), "Az09-._~%20%FF");
}

}  // namespace
}  // namespace net
