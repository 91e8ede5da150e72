#include "cli/first_start.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "auth/key_set.h"
#include "cli/test_sink.h"

namespace cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

// A world of its own, whose clock the test holds.
class FirstStartTest : public ::testing::Test {
 protected:
  FirstStartTest() {
    std::string pattern = (fs::temp_directory_path() / "sooth-first.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FirstStartTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  base::Result<FirstStart> prepare(const AccessFlags& flags, FirstStart::Asked asked) {
    err_.written.clear();
    if (asked.address.empty()) asked.address = "127.0.0.1";
    asked.endpoint = "faq";
    return FirstStart::prepare(flags, asked, world_);
  }
  // What is told at a start that is fine.
  std::string told(const AccessFlags& flags, const FirstStart::Asked& asked,
                   std::string_view url = "http://127.0.0.1:80") {
    const auto start = prepare(flags, asked);
    EXPECT_TRUE(start.ok()) << start.error().message();
    EXPECT_TRUE(start->tell(url, world_).ok());
    return err_.written;
  }
  std::string path(std::string_view name) const { return (folder_ / "w/serve" / name).string(); }
  std::string content(std::string_view name) const {
    std::ifstream in(path(name));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  mode_t mode(std::string_view name) const {
    struct stat found {};
    EXPECT_EQ(::stat(path(name).c_str(), &found), 0);
    return found.st_mode & 0777;
  }

  fs::path folder_;
  table::TextSource in_{""};
  TextSink out_;
  TextSink err_;
  std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
  std::map<std::string, std::string> variables_;
  World world_{.arguments = {},
               .in = in_,
               .out = out_,
               .err = err_,
               .now = std::chrono::steady_clock::now,
               .wall_now = [this] { return now_; },
               .program = {},
               .user = "me",
               .environment = [this](const std::string& name) -> std::string {
                 if (name == "SOOTH_WORKSPACE") return (folder_ / "w").string();
                 const auto at = variables_.find(name);
                 return at == variables_.end() ? "" : at->second;
               }};
};

TEST_F(FirstStartTest, TheKeyIsShownOnceAndItsDigestKept) {
  const std::string first = told({}, {});
  const std::size_t at = first.find("  sooth_");
  ASSERT_NE(at, std::string::npos) << first;
  const std::string key = first.substr(at + 2, first.find('\n', at) - at - 2);
  EXPECT_NE(first.find("curl -H 'x-api-key: " + key + "' http://127.0.0.1:80/openapi.json"),
            std::string::npos);
  const auto keys = auth::KeySet::parse(content("keys.json"));
  ASSERT_TRUE(keys.ok());
  const auto now = std::chrono::floor<std::chrono::seconds>(now_);
  EXPECT_TRUE(keys->check(key, "faq", auth::Scope::Score, now).ok());
  EXPECT_TRUE(keys->check(key, auth::kEveryEndpoint, auth::Scope::Metrics, now).ok());
  EXPECT_EQ(mode("keys.json"), 0600U);
  EXPECT_EQ(content("keys.json").find(key), std::string::npos);
  EXPECT_EQ(told({}, {}),
            "keys: asks for the key that was made at the first start; to get another, "
            "remove " +
                path("keys.json") + "\n");
}

TEST_F(FirstStartTest, WhoNamesKeysOrTokensOrNoneGetsNone) {
  AccessFlags named;
  named.files.keys = "keys.json";
  AccessFlags open{.open = true};
  EXPECT_EQ(told(named, {}), "");
  EXPECT_EQ(told({}, {.has_tokens = true}), "");
  EXPECT_EQ(told(open, {}), "");
  EXPECT_FALSE(fs::exists(path("keys.json")));
}

TEST_F(FirstStartTest, OpenIsForLoopbackAndNotBesideTokens) {
  const AccessFlags open{.open = true};
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1"}) {
    const auto start = prepare(open, {.address = address});
    ASSERT_FALSE(start.ok()) << address;
    EXPECT_EQ(start.error().code(), base::Code::Denied);
  }
  for (const char* address : {"127.0.0.1", "::1", "127.1.2.3"}) {
    EXPECT_TRUE(prepare(open, {.address = address}).ok()) << address;
  }
  EXPECT_EQ(prepare(open, {.has_tokens = true}).error().message(),
            "--open: expected it without --jwt-issuer, which asks for tokens");
}

// A proxy's server gets both with what it is told: net::Server::listen refuses it without.
TEST_F(FirstStartTest, BehindAProxyNothingIsMade) {
  const auto start = prepare({.cleartext = true}, {.address = "0.0.0.0"});
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(start->files().keys, std::nullopt);
  EXPECT_EQ(start->files().tls_certificate, std::nullopt);
}

TEST_F(FirstStartTest, SocketsThatAreInheritedGetAKeyAndNoCertificate) {
  const auto start = prepare({}, {.address = "0.0.0.0", .inherits = true});
  ASSERT_TRUE(start.ok());
  EXPECT_NE(start->files().keys, std::nullopt);
  EXPECT_EQ(start->files().tls_certificate, std::nullopt);
}

TEST_F(FirstStartTest, WithoutAFolderTheKeyIsForOneRun) {
  std::ofstream(folder_ / "w") << "no folder";
  const auto start = prepare({}, {});
  ASSERT_TRUE(start.ok()) << start.error().message();
  EXPECT_EQ(start->files().keys, std::nullopt);
  EXPECT_TRUE(auth::KeySet::parse(start->files().keys_text.value_or("")).ok());
  const auto elsewhere = prepare({}, {.address = "0.0.0.0"});
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_TRUE(elsewhere.error().message().starts_with(
      "certificate: expected --tls-cert and --tls-key, or a folder to keep one in"));
}

TEST_F(FirstStartTest, ACertificateIsKeptUntilItIsAboutToEnd) {
  EXPECT_NE(told({}, {.address = "0.0.0.0"}, "https://0.0.0.0:80").find("made one that signs"),
            std::string::npos);
  EXPECT_NE(err_.written.find(" https://localhost:80/readyz\n"), std::string::npos);
  EXPECT_EQ(mode("tls.key"), 0600U);
  const std::string first = content("tls.crt");
  now_ += hours(24 * 366);
  EXPECT_NE(told({}, {.address = "0.0.0.0"}).find("was made before"), std::string::npos);
  EXPECT_EQ(content("tls.crt"), first);
  now_ += hours(24 * 2);
  EXPECT_NE(told({}, {.address = "0.0.0.0"}).find("made one that signs"), std::string::npos);
  EXPECT_NE(content("tls.crt"), first);
}

TEST_F(FirstStartTest, ACertificateThatWillNotDoIsReplaced) {
  ASSERT_TRUE(prepare({}, {.address = "0.0.0.0"}).ok());
  std::string before = content("tls.crt");
  const auto is_new = [&] {
    const std::string now = content("tls.crt");
    return std::exchange(before, now) != now;
  };
  ASSERT_TRUE(prepare({}, {.address = "192.0.2.1"}).ok());  // It is not for this address.
  EXPECT_TRUE(is_new());
  ASSERT_TRUE(prepare({}, {.address = "192.0.2.1"}).ok());
  EXPECT_FALSE(is_new());
  std::ofstream(path("tls.key")) << "cut";
  ASSERT_TRUE(prepare({}, {.address = "192.0.2.1"}).ok());
  EXPECT_TRUE(is_new());
  fs::remove(path("tls.key"));
  ASSERT_TRUE(prepare({}, {.address = "192.0.2.1"}).ok());
  EXPECT_TRUE(is_new());
}

TEST_F(FirstStartTest, FlagsAreChecked) {
  EXPECT_EQ(prepare({.profile = "old"}, {}).error().message(),
            "--tls-profile: expected intermediate or modern, got \"old\"");
  EXPECT_EQ(prepare({.client_certificate = "never"}, {}).error().message(),
            "--tls-client-cert: expected required or optional, got \"never\"");
  const auto start = prepare({.profile = "modern", .client_certificate = "optional"}, {});
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(start->files().tls_profile, net::TlsProfile::Modern);
  EXPECT_FALSE(start->files().tls_client_required);
}

}  // namespace
}  // namespace cli
