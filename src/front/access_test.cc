#include "front/access.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "auth/keys.h"
#include "auth/test_time.h"
#include "net/tls_test_pair.h"

namespace front {
namespace {

namespace fs = std::filesystem;
using auth::kNow;
using std::chrono::hours;
using std::chrono::steady_clock;

auth::MintedKey new_key() {
  auto minted = auth::mint({.client = "shop", .endpoint = "faq", .scope = {auth::Scope::Score}},
                           auth::system_random);
  EXPECT_TRUE(minted.ok());
  return *std::move(minted);
}

std::string file_of(const std::vector<auth::KeyRecord>& records) {
  return auth::KeySet::make(records)->json();
}

// A folder of its own, and a log that is kept.
class AccessTest : public ::testing::Test {
 protected:
  AccessTest() {
    std::string pattern = (fs::temp_directory_path() / "sooth-access.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~AccessTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  void write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::unique_ptr<Access> open(Access::Files files) {
    auto access = Access::open(std::move(files), *log_, [this] { return now_; });
    EXPECT_TRUE(access.ok()) << access.error().message();
    return *std::move(access);
  }
  std::unique_ptr<telemetry::Log> make_log() {
    return std::make_unique<telemetry::Log>(
        telemetry::Log::Options{}, std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
  }

  fs::path folder_;
  std::ostringstream text_;
  std::unique_ptr<telemetry::Log> log_ = make_log();
  steady_clock::time_point now_;
};

bool accepts(const Access& access, const auth::MintedKey& key) {
  return access.keys()->read()->check(key.text.reveal(), "faq", auth::Scope::Score, kNow).ok();
}

TEST_F(AccessTest, WithoutFilesThereIsNothing) {
  const auto access = open({});
  EXPECT_EQ(access->keys(), nullptr);
  EXPECT_EQ(access->tls(), nullptr);
  access->poll();
}

TEST_F(AccessTest, RefusesToStartWithFilesThatCannotBeUsed) {
  write("bad.json", "{}");
  const auto pair = net::testing::make_tls_pair("x");
  write("tls.crt", pair.certificate);
  write("large.pem", std::string((1 << 20) + 1, '-'));
  const struct {
    Access::Files files;
    std::string message;
  } cases[] = {
      {{.keys = path("none.json")}, "\"" + path("none.json") + "\": No such file or directory"},
      {{.keys = ""}, "\"\": No such file or directory"},
      {{.keys = folder_.string()}, "\"" + folder_.string() + "\": Is a directory"},
      {{.keys = path("bad.json")},
       "\"" + path("bad.json") + "\": keys file: expected \"version\" 1"},
      {{.tls_certificate = path("large.pem"), .tls_key = path("tls.crt")},
       "\"" + path("large.pem") + "\": expected at most 1.0 MiB"},
      {{.tls_certificate = path("tls.crt")}, "TLS: expected a certificate and its key, got one"},
      {{.tls_client_ca = path("tls.crt")},
       "TLS: expected a certificate of the server beside clients' authorities"},
      {{.tls_certificate = path("tls.crt"), .tls_key = path("tls.crt")},
       "\"" + path("tls.crt") + "\" and \"" + path("tls.crt") +
           "\": private key: expected PEM without a passphrase, got: unsupported"},
  };
  for (const auto& c : cases) {
    const auto access = Access::open(c.files, *log_, [this] { return now_; });
    ASSERT_FALSE(access.ok());
    EXPECT_EQ(access.error().message(), c.message);
  }
}

TEST_F(AccessTest, KeysChangeWithTheirFile) {
  const auto first = new_key();
  const auto second = new_key();
  write("keys.json", file_of({first.record}));
  const auto access = open({.keys = path("keys.json")});
  EXPECT_TRUE(accepts(*access, first));
  EXPECT_FALSE(accepts(*access, second));
  write("keys.json", file_of({second.record}));
  access->poll();
  EXPECT_FALSE(accepts(*access, first));
  EXPECT_TRUE(accepts(*access, second));
}

// As Kubernetes does with a mounted Secret.
TEST_F(AccessTest, KeysChangeWhenAFoldersLinkIsTurned) {
  const auto first = new_key();
  const auto second = new_key();
  fs::create_directory(path("..one"));
  fs::create_directory(path("..two"));
  write("..one/keys.json", file_of({first.record}));
  write("..two/keys.json", file_of({second.record}));
  fs::create_directory_symlink("..one", path("..data"));
  fs::create_symlink("..data/keys.json", path("keys.json"));
  const auto access = open({.keys = path("keys.json")});
  EXPECT_TRUE(accepts(*access, first));
  fs::create_directory_symlink("..two", path("..data_tmp"));
  fs::rename(path("..data_tmp"), path("..data"));
  access->poll();
  EXPECT_FALSE(accepts(*access, first));
  EXPECT_TRUE(accepts(*access, second));
}

TEST_F(AccessTest, ABrokenFileKeepsTheOldKeysAndSaysSoOnce) {
  const auto key = new_key();
  write("keys.json", file_of({key.record}));
  const auto access = open({.keys = path("keys.json")});
  write("keys.json", "{\"version\": 1,");
  for (int i = 0; i < 3; ++i) access->poll();
  EXPECT_TRUE(accepts(*access, key));
  log_.reset();  // Writes what is queued.
  const std::string text = text_.str();
  EXPECT_NE(text.find("keys stay as they were"), std::string::npos) << text;
  EXPECT_EQ(text.find("keys stay as they were"), text.rfind("keys stay as they were")) << text;
}

TEST_F(AccessTest, ALostFileKeepsTheOldKeysUntilItIsBack) {
  const auto first = new_key();
  const auto second = new_key();
  write("keys.json", file_of({first.record}));
  const auto access = open({.keys = path("keys.json")});
  fs::remove(path("keys.json"));
  access->poll();
  EXPECT_TRUE(accepts(*access, first));
  write("keys.json", file_of({second.record}));
  access->poll();
  EXPECT_FALSE(accepts(*access, first));
  EXPECT_TRUE(accepts(*access, second));
}

TEST_F(AccessTest, ACertificateChangesWithItsKeyAndNotBefore) {
  const auto first = net::testing::make_tls_pair("first");
  const auto second = net::testing::make_tls_pair("second");
  write("tls.crt", first.certificate);
  write("tls.key", first.key);
  const auto access = open({.tls_certificate = path("tls.crt"), .tls_key = path("tls.key")});
  const auto before = access->tls()->read();
  access->poll();
  EXPECT_EQ(access->tls()->read(), before);
  // Between the two writes they are no pair.
  write("tls.crt", second.certificate);
  access->poll();
  EXPECT_EQ(access->tls()->read(), before);
  write("tls.key", second.key);
  access->poll();
  EXPECT_NE(access->tls()->read(), before);
}

TEST_F(AccessTest, ClientsAuthoritiesChangeWithTheirFile) {
  const auto pair = net::testing::make_tls_pair("x");
  write("tls.crt", pair.certificate);
  write("tls.key", pair.key);
  write("clients.crt", net::testing::make_tls_pair("first").certificate);
  const auto access = open({.tls_certificate = path("tls.crt"),
                            .tls_key = path("tls.key"),
                            .tls_client_ca = path("clients.crt")});
  const auto before = access->tls()->read();
  // Of a file that is empty for a moment nobody is let in who was not before.
  write("clients.crt", "");
  access->poll();
  EXPECT_EQ(access->tls()->read(), before);
  write("clients.crt", net::testing::make_tls_pair("second").certificate);
  access->poll();
  EXPECT_NE(access->tls()->read(), before);
}

TEST_F(AccessTest, KeysMayBeInNoFile) {
  const auto key = new_key();
  const auto access = open({.keys_text = file_of({key.record})});
  EXPECT_TRUE(accepts(*access, key));
  EXPECT_FALSE(accepts(*access, new_key()));
  access->poll();
  EXPECT_TRUE(accepts(*access, key));
}

TEST_F(AccessTest, TicketsGetNewKeysTwiceADay) {
  const auto pair = net::testing::make_tls_pair("x");
  write("tls.crt", pair.certificate);
  write("tls.key", pair.key);
  const auto access = open({.tls_certificate = path("tls.crt"), .tls_key = path("tls.key")});
  const auto before = access->tls()->read();
  now_ += hours(12);
  access->poll();
  EXPECT_EQ(access->tls()->read(), before);
  now_ += std::chrono::seconds(1);
  access->poll();
  EXPECT_NE(access->tls()->read(), before);
}

TEST_F(AccessTest, LooksByItselfOnceItWatches) {
  const auto first = new_key();
  const auto second = new_key();
  write("keys.json", file_of({first.record}));
  const auto access = open({.keys = path("keys.json")});
  ASSERT_TRUE(access->watch().ok());
  write("keys.json", file_of({second.record}));
  while (!accepts(*access, second)) std::this_thread::yield();
  EXPECT_FALSE(accepts(*access, first));
}

}  // namespace
}  // namespace front
