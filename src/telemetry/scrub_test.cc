#include "telemetry/scrub.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace telemetry {
namespace {

// A secret, and the part of it that must not be there any more. All are made up for this test.
struct Canary {
  std::string text;
  std::string secret;
};

// Written in parts, so that no scanner of sources takes them for real.
const std::string kSoothKey = std::string("sooth_abcdefghijklmnop.") +
                              "adgjmpsvy36behknqtwz47cfilorux25adgjmpsvy36behknqtwz.41eb3c4d";
const std::string kJwt = std::string("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.") +
                         "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const std::string kHex32 = "9f86d081884c7d659a2feaa0c55ad015";
const std::string kHex64 = kHex32 + "a3bf4f1b2b0b822cd15d6c15b0f00a08";
const std::string kBase64 = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq";
const std::string kAwsSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

std::vector<Canary> tokens() {
  return {
      {kSoothKey, kSoothKey.substr(23)},
      {kSoothKey.substr(0, 40), kSoothKey.substr(23, 17)},
      {kJwt, "dozjgNryP4J3jVm"},
      {kJwt.substr(0, kJwt.rfind('.')), "eyJzdWIi"},
      {"eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..5eym8TW_c8SuK0ltJ3rpYIzOeDQz.Xfa5XQ1", "5eym8TW"},
      {std::string("AKIA") + "IOSFODNN7EXAMPLE", "IOSFODNN7"},
      {std::string("ASIA") + "Y34FZKBOKMUTVV7A", "Y34FZKBO"},
      {kAwsSecret, "K7MDENG"},
      {std::string("AIza") + "SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe", "SyDaGmWK"},
      {std::string("ya29.") + "a0AfH6SMBx1c5y7kQ2", "a0AfH6SM"},
      {std::string("GOCSPX-") + "1mVwFTjGIXgs2BC2uHzksQi0HAK1", "1mVwFTjG"},
      {std::string("ghp_") + "16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F"},
      {std::string("gho_") + "16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F"},
      {std::string("github_pat_") + "11ABCDEFG0123456789_abcdefghijk", "11ABCDEF"},
      {std::string("glpat-") + "x1y2z3a4b5c6d7e8f9g0", "x1y2z3a4"},
      {std::string("xoxb-") + "123456789012-abcdefABCDEF", "abcdefABC"},
      {std::string("xapp-") + "1-A0123456789-abcdef", "A0123456"},
      {std::string("sk_live_") + "4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqL"},
      {std::string("sk-") + "proj-T3BlbkFJ0aBcDeFgHiJkLmNo", "T3BlbkFJ"},
      {std::string("hf_") + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456", "aBcDeFgH"},
      {std::string("npm_") + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789", "aBcDeFgH"},
      {std::string("pypi-") + "AgEIcHlwaS5vcmcCJDEyMzQ1Njc4", "AgEIcHlw"},
      {std::string("dckr_pat_") + "aBcDeFgHi1jKlMnOpQrStUvWx", "aBcDeFgH"},
      {std::string("hvs.") + "CAESIJ3kX9mQ2vB7nL4tR8", "CAESIJ3k"},
      {std::string("SG.") + "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc",
       "ngeVfQF"},
      {kHex32, kHex32},
      {kHex64, kHex64.substr(0, 20)},
      {"9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B", "9F86D081"},
      {kBase64, kBase64.substr(0, 20)},
      {kBase64 + "==", kBase64.substr(0, 20)},
      {"adgjmpsvy36behknqtwz47cfilorux25adgjmpsvy36behknqtwz", "adgjmpsvy36"},
      {"4111111111111111", "411111"},
      {"4111 1111 1111 1111", "1111 1111"},
      {"5500-0055-5555-5559", "5555"},
      {"378282246310005", "378282"},
      {"DE89370400440532013000", "37040044"},
      {"ada.lovelace+test@mail.example.org", "lovelace"},
      {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----", "MC4CAQ"},
      {"-----BEGIN OPENSSH PRIVATE KEY----- b3Blbn", "b3Blbn"},
  };
}

std::vector<Canary> named() {
  return {
      {"password=hunter2", "hunter2"},
      {"password: hunter2", "hunter2"},
      {"PASSWORD = 'hunter 2 and more'", "hunter"},
      {R"({"password":"hun\"ter2","a":1})", "ter2"},
      {R"({\"password\":\"hunter2\"})", "hunter2"},
      {"Password=>hunter2", "hunter2"},
      {"db_password=a&b;c,d", "a&b;c,d"},
      {"token=abc", "abc"},
      {"access_token=abc&next=1", "abc"},
      {"refreshToken: abc", "abc"},
      {"api_key=abc", "abc"},
      {"API-KEY: abc", "abc"},
      {"x-api-key: abc", "abc"},
      {"Ocp-Apim-Subscription-Key: abc", "abc"},
      {"client_secret='abc'", "abc"},
      {"aws_secret_access_key = abc", "abc"},
      {"private_key=abc", "abc"},
      {"MYSQL_PWD=hunter2", "hunter2"},
      {"{'primaryKey': 'abc'}", "abc"},
      {R"("secondaryKey": "abc")", "abc"},
      {"passphrase = correct-horse", "correct-horse"},
      {R"({"auth":"dXNlcjpwYXNz"})", "dXNlcjpwYXNz"},
      {"https://h/?sv=2022&sig=ab%2Fc%3D&se=2030", "ab%2Fc"},
      {"AccountName=a;AccountKey=abc==;EndpointSuffix=core.windows.net", "abc=="},
      {"Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=abc=", "abc="},
      {"Server=h;User Id=u;Pwd=p}w;Database=d", "p}w"},
      {"Authorization: Bearer abc", "abc"},
      {"authorization: Digest username=\"u\", response=\"6629\"", "6629"},
      {"curl -H 'Authorization: Basic dTpw' https://h", "dTpw"},
      {R"({"Authorization":"Bearer abc","n":1})", "abc"},
      {"Proxy-Authorization: Basic dTpw", "dTpw"},
      {"Cookie: a=1; session=xyz", "xyz"},
      {"set-cookie: sid=31d4; Path=/", "31d4"},
      {"got Bearer x7RkQ2mN from the client", "x7RkQ2mN"},
      {"BASIC dXNlcjpwYXNz was sent", "dXNlcjpwYXNz"},
      {"https://user:hunter2@host/path", "hunter2"},
      {"postgres://u:p%40ss@db:5432/x", "p%40ss"},
      {"postgres://u:p@ss@db.example:5432/x", "p@ss"},
      {"amqp://u:a/b@mq/vhost", "a/b"},
      {"https://0123456789abcdefghij@git.example/x", "0123456789abc"},
  };
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

void expect_gone(const std::string& text, const std::string& secret) {
  ASSERT_NE(text.find(secret), std::string::npos) << text;
  EXPECT_TRUE(may_hold_secret(text)) << text;
  const std::string scrubbed = scrub(text);
  EXPECT_EQ(scrubbed.find(secret), std::string::npos) << text << "\n" << scrubbed;
  EXPECT_NE(scrubbed.find("[scrubbed: "), std::string::npos) << scrubbed;
  EXPECT_EQ(scrub(scrubbed), scrubbed);
}

TEST(ScrubTest, NoTokenSurvivesWhereverItStands) {
  for (const Canary& canary : tokens()) {
    expect_gone(canary.text, canary.secret);
    for (const auto& [before, behind] : std::vector<std::pair<std::string, std::string>>{
             {"the client sent ", " and left"},
             {"(", ")"},
             {"a=\"", "\""},
             {"/v1/", ""},
             {"x: ", "\n"},
             {"é", "é"},
             {"header \"x\": got ", ", expected a number"}}) {
      std::string text = before;
      text.append(canary.text).append(behind);
      expect_gone(text, canary.secret);
    }
  }
}

TEST(ScrubTest, NoNamedSecretSurvives) {
  for (const Canary& canary : named()) {
    expect_gone(canary.text, canary.secret);
    expect_gone("because: " + canary.text, canary.secret);
  }
}

TEST(ScrubTest, NorDoesWhatIsEncodedOnceOrTwice) {
  std::vector<Canary> all = tokens();
  for (const Canary& canary : named()) all.push_back(canary);
  for (const Canary& canary : all) {
    const std::string text = "/path?next=" + percent_encoded(canary.text);
    expect_gone(text, percent_encoded(canary.secret));
    expect_gone(percent_encoded(text), percent_encoded(percent_encoded(canary.secret)));
  }
}

TEST(ScrubTest, SaysWhatItTookOut) {
  EXPECT_EQ(scrub("key " + kSoothKey + " of faq"), "key [scrubbed: sooth key] of faq");
  EXPECT_EQ(scrub("got " + kJwt + ", expected none"), "got [scrubbed: jwt], expected none");
  EXPECT_EQ(scrub("user=ada&password=x&next=1"), "user=ada&password=[scrubbed: pair]&next=1");
  EXPECT_EQ(scrub("https://u:p@host/a?b"), "https://[scrubbed: userinfo]@host/a?b");
  EXPECT_EQ(scrub("Cookie: a=b; c=d\nHost: h"), "Cookie: [scrubbed: header]\nHost: h");
  EXPECT_EQ(scrub("Bearer x7RkQ2mN."), "Bearer [scrubbed: credential].");
  EXPECT_EQ(scrub("card 4111 1111 1111 1111, ok"), "card [scrubbed: card], ok");
  EXPECT_EQ(scrub("to ada@example.org."), "to [scrubbed: email].");
  EXPECT_EQ(scrub("password=" + kJwt), "password=[scrubbed: pair]");
}

TEST(ScrubTest, LeavesWhatIsHarmless) {
  const std::vector<std::string> harmless = {
      "",
      "listening",
      "golden rows replayed",
      "http://127.0.0.1:8080",
      "https://registry.example.org:5000/v2/team/faq/manifests/1",
      "docker://registry.example.org/team/faq:1",
      "registry.example.org/team/faq@sha256:" + kHex64,
      "sha256:" + kHex64,
      "blobs/sha256/" + kHex64,
      "/var/lib/sooth/blobs/sha256/" + kHex64,
      "digest \"sha256:" + kHex64 + "\": expected 10 bytes, got 9",
      "550e8400-e29b-41d4-a716-446655440000",
      "/var/lib/kubelet/pods/550e8400-e29b-41d4-a716-446655440000/volumes/keys",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "trace_id=0af7651916cd43dd8448eb211c80319c",
      R"({"trace_id":"0af7651916cd43dd8448eb211c80319c","n":1})",
      "request_id: 0af7651916cd43dd8448eb211c80319c",
      "b7ad6b7169203331",
      "abcdefghijklmnop",
      "sooth_abcdefghijklmnop",
      "sooth_requests_total{code=\"200\",endpoint=\"faq\"} 1",
      "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30",
      "/home/ada/models/HistGradientBoostingClassifier_with_OneHotEncoder_2026-11-28.joblib",
      "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
      "sooth-faq-deployment-7d9c6b8f5d-x2x9z",
      "input \"age\": expected float64[?,4], got int64[1,4]",
      "sooth.yaml:7:11: unknown key \"enigne\"; did you mean \"engine\"?",
      "model \"fraud\" version 3: loading faq:3",
      "expected a Bearer token or a basic authentication header",
      "basic authentication is not offered",
      "key: expected one, got none",
      "token: expected a text, got a number",
      "password: missing",
      "tokens: 12",
      "token_pattern=(?u)\\b\\w\\w+\\b",
      "max_tokens=512",
      "password_file=/run/secrets/db",
      "--api-key-file /run/secrets/key",
      "PWD=/home/ada/src",
      "passed: 42, failed: 0",
      "pass 3 of 4",
      "author: Ada Lovelace",
      "authentication: none",
      "status=200 us=120 rows=64 bytes_in=2048",
      "0.4539578763621486 0.5460421236378514",
      "[1056,5056,0.8544,3.141592653589793]",
      "1764373187123456789",
      "1764373187123",
      "18446744073709551615",
      "2026-11-28T23:39:47.123Z",
      "took 12.5 ms of 4000 1234 5678 9011",
      "column_0_column_1_column_2_column_3_column_4_column_5",
      "f0_f1_f2_f3_f4_f5_f6_f7_f8_f9_f10_f11_f12",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "================================================",
      "------------------------------------------------",
      "naïve Ünïcödé 漢字 ✓",
      "100% of 50%25 done",
      "a@b",
      "numpy@1.26.4 and name@v1.2.3",
      "sooth@faq.service: started",
      "user@host ssh://git@host/path.git",
      "http://[::1]:8080/score",
      "listen [::]:443",
      "GB29 is a code, XX00 is none",
      "python3.11-sklearn-1.5.2-x86_64-unknown-linux-gnu-release",
      "sk-learn-contrib-and-other-things",
      "eyJ is how a token begins",
      "connection refused; nothing listens there",
      "x-api-key and Authorization are both fine if they agree",
      "cookies are not used",
      "secrets, secretary, tokenizer: words",
  };
  for (const std::string& text : harmless) EXPECT_EQ(scrub(text), text);
}

TEST(ScrubTest, KnowsNamesOfSecrets) {
  for (const char* name : {"password", "DB_PASSWORD", "client-secret", "apiKey", "x.api.key",
                           "Authorization", "sig", "token", "primaryKey"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const char* name : {"", "key", "key_id", "endpoint", "request_id", "tokens", "signal",
                           "because", "passed", "monkey"}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

TEST(ScrubTest, CutsWhatIsTooLong) {
  const std::string text(kScrubBytesMax + 10, 'x');
  EXPECT_EQ(scrub(text), std::string(kScrubBytesMax, 'x'));
}

// Each would take minutes if time grew with the square.
TEST(ScrubTest, TakesTimeByTheLengthOfTheText) {
  for (const std::string& part :
       {std::string("eyJ-"), std::string("sk-"), std::string("://a:b/"), std::string("&a"),
        std::string("password=\""), std::string("a@b."), std::string("-----BEGIN"),
        std::string("4 "), std::string("%25"), std::string("Bearer "), std::string("a:"),
        std::string("\\\\\\\"="), std::string("token=[scrubbed: pair]")}) {
    std::string text;
    while (text.size() < kScrubBytesMax) text += part;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(scrub(text).empty());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << part;
  }
}

}  // namespace
}  // namespace telemetry
