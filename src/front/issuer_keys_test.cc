#include "front/issuer_keys.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "auth/test_time.h"
#include "auth/test_token.h"
#include "net/server.h"
#include "net/test_certificate.h"
#include "net/test_server.h"

namespace front {
namespace {

namespace fs = std::filesystem;
using auth::kNow;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kDescriptionPath = "/.well-known/openid-configuration";

// An issuer in this process: answers each path as it is told to, and counts.
class FakeIssuer final : public net::Handler {
 public:
  explicit FakeIssuer(net::Server::Options options = {})
      : tls_(options.tls != nullptr), server_(*net::Server::listen(std::move(options), *this)) {}

  std::string origin() const {
    return fmt::format("{}://127.0.0.1:{}", tls_ ? "https" : "http", server_->port());
  }
  void set(const std::string& path, std::string body, int status = 200) {
    const std::scoped_lock lock(mutex_);
    answers_[path] = {status, std::move(body)};
  }
  // What an issuer has: a description, and these keys.
  void describe(const std::string& keys) {
    set(kDescriptionPath,
        fmt::format(R"({{"issuer":"{}","jwks_uri":"{}/keys"}})", origin(), origin()));
    set("/keys", keys);
  }
  int count(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    return counts_[path];
  }

  net::Admission admit(const net::RequestHead&, net::Response&) override {
    return net::Admission::accept(0);
  }
  void handle(net::Exchange& exchange) override {
    {
      const std::scoped_lock lock(mutex_);
      const std::string path(exchange.head().path);
      ++counts_[path];
      const auto at = answers_.find(path);
      exchange.response().set_status(at == answers_.end() ? 404 : at->second.first);
      if (at != answers_.end()) exchange.response().body() = at->second.second;
      if (exchange.response().status() == 302) exchange.response().add_header("Location", "/keys");
    }
    exchange.finish();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::pair<int, std::string>> answers_;
  std::map<std::string, int> counts_;
  const bool tls_;
  std::unique_ptr<net::Server> server_;
};

class IssuerKeysTest : public ::testing::Test {
 protected:
  IssuerKeysTest() {
    std::string pattern = (fs::temp_directory_path() / "sooth-issuer.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~IssuerKeysTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  base::Result<std::unique_ptr<IssuerKeys>> try_open(const std::string& issuer,
                                                     const std::string& keys,
                                                     milliseconds fetch_time_max = seconds(30)) {
    auto location = parse_key_location(issuer, keys);
    if (!location.ok()) return std::move(location).error();
    return IssuerKeys::open({.location = *std::move(location), .fetch_time_max = fetch_time_max},
                            {.tokens = tokens_,
                             .http = *http_,
                             .log = *log_,
                             .metrics = metrics_,
                             .now = [this] { return now_; },
                             .random = [](std::span<std::byte> bytes) -> base::Result<void> {
                               std::fill(bytes.begin(), bytes.end(), std::byte(0x80));
                               return {};
                             }});
  }
  std::unique_ptr<IssuerKeys> open(const std::string& issuer, const std::string& keys = "") {
    auto opened = try_open(issuer, keys);
    EXPECT_TRUE(opened.ok()) << opened.error().message();
    return *std::move(opened);
  }

  bool accepts(const auth::TestKey& key) {
    return tokens_.check(key.token(auth::test_claims(kNow)), "faq", auth::Scope::Score, kNow).ok();
  }
  // What was logged, and how often this is in it.
  std::string logged() {
    log_.reset();  // Writes what is queued.
    return text_.str();
  }
  static int times(const std::string& text, std::string_view what) {
    int count = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  const auth::TestKey first_{"1", auth::Algorithm::Es256};
  const auth::TestKey second_{"2", auth::Algorithm::Es256};
  fs::path folder_;
  std::ostringstream text_;
  std::unique_ptr<telemetry::Log> log_ = std::make_unique<telemetry::Log>(
      telemetry::Log::Options{}, std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
  telemetry::Metrics metrics_;
  std::unique_ptr<net::HttpClient> http_ =
      std::make_unique<net::HttpClient>(net::HttpClient::Options{.user_agent = "test"}, nullptr);
  Tokens tokens_{
      {.issuer = std::string(auth::kTestIssuer), .audiences = {std::string(auth::kTestAudience)}},
      metrics_};
  IssuerKeys::Clock::time_point now_ = IssuerKeys::Clock::time_point(hours(1000));
};

TEST_F(IssuerKeysTest, AsksTheIssuerWhereItsKeysAre) {
  FakeIssuer issuer;
  issuer.describe(auth::jwks_of({first_.jwk()}));
  const auto keys = open(issuer.origin());
  EXPECT_TRUE(accepts(first_));
  EXPECT_FALSE(accepts(second_));
  EXPECT_EQ(issuer.count(kDescriptionPath), 1);
  EXPECT_EQ(issuer.count("/keys"), 1);
}

TEST_F(IssuerKeysTest, RotationIsSeenWithinTenMinutes) {
  FakeIssuer issuer;
  issuer.set("/keys", auth::jwks_of({first_.jwk()}));
  const auto keys = open("https://issuer.example", issuer.origin() + "/keys");
  issuer.set("/keys", auth::jwks_of({second_.jwk()}));
  now_ += minutes(10) - seconds(1);
  keys->poll();
  EXPECT_TRUE(accepts(first_));
  now_ += seconds(2);
  keys->poll();
  EXPECT_FALSE(accepts(first_));  // It was withdrawn.
  EXPECT_TRUE(accepts(second_));
}

TEST_F(IssuerKeysTest, AnUnknownKeyIsAskedForOnceAMinute) {
  FakeIssuer issuer;
  issuer.set("/keys", auth::jwks_of({first_.jwk()}));
  const auto keys = open("https://issuer.example", issuer.origin() + "/keys");
  for (int second = 0; second < 300; ++second) {
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(accepts(second_));
    keys->poll();
    now_ += seconds(1);
  }
  EXPECT_EQ(issuer.count("/keys"), 5);
  issuer.set("/keys", auth::jwks_of({first_.jwk(), second_.jwk()}));
  now_ += minutes(1);
  EXPECT_FALSE(accepts(second_));
  keys->poll();
  EXPECT_TRUE(accepts(second_));
  EXPECT_EQ(issuer.count("/keys"), 6);
}

TEST_F(IssuerKeysTest, StartsWithoutTheIssuerAndFindsItLater) {
  FakeIssuer issuer;  // Knows nothing yet.
  const auto keys = open(issuer.origin());
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(accepts(first_));
    keys->poll();
    now_ += minutes(2);
  }
  issuer.describe(auth::jwks_of({first_.jwk()}));
  keys->poll();
  EXPECT_TRUE(accepts(first_));
  EXPECT_EQ(metrics_.counter("sooth_token_key_fetches_total", "", {{"outcome", "failed"}}).value(),
            5U);
  const std::string text = logged();
  EXPECT_EQ(times(text, "tokens are refused until the issuer's keys can be read"), 1) << text;
  EXPECT_EQ(times(text, "expected status 200, got 404"), 1) << text;
  EXPECT_EQ(times(text, "the issuer's keys were read again"), 1) << text;
}

TEST_F(IssuerKeysTest, AnIssuerThatIsNotThereIsNoFailure) {
  std::string origin;
  {
    FakeIssuer gone;
    origin = gone.origin();
  }
  const auto keys = open(origin);
  keys->poll();
  EXPECT_FALSE(accepts(first_));
  EXPECT_EQ(times(logged(), "tokens are refused until"), 1);
}

TEST_F(IssuerKeysTest, TheLastGoodKeysStandInForADay) {
  FakeIssuer issuer;
  issuer.set("/keys", auth::jwks_of({first_.jwk()}));
  const auto keys = open("https://issuer.example", issuer.origin() + "/keys");
  issuer.set("/keys", "down", 503);
  for (int hour = 0; hour < 24; ++hour) {
    now_ += hours(1);
    keys->poll();
    EXPECT_TRUE(accepts(first_)) << hour;
  }
  now_ += minutes(2);
  keys->poll();
  EXPECT_FALSE(accepts(first_));
  // The same keys as before, but new ones.
  issuer.set("/keys", auth::jwks_of({first_.jwk()}));
  now_ += minutes(2);
  keys->poll();
  EXPECT_TRUE(accepts(first_));
  const std::string text = logged();
  EXPECT_EQ(times(text, "token keys stay as they were"), 1) << text;
  EXPECT_EQ(times(text, "token keys are too old"), 1) << text;
}

TEST_F(IssuerKeysTest, AnswersThatAreNoKeysChangeNothing) {
  FakeIssuer issuer;
  issuer.set("/keys", auth::jwks_of({first_.jwk()}));
  const auto keys = open("https://issuer.example", issuer.origin() + "/keys");
  const std::pair<std::string, int> answers[] = {
      {"", 200},
      {"<html>", 200},
      {"{}", 200},
      {R"({"keys":[],"keys":[]})", 200},
      {auth::jwks_of({second_.jwk()}), 404},
      {auth::jwks_of({second_.jwk()}), 201},
      {std::string(auth::kTokenKeysBytesMax + 1, ' '), 200},
      {std::string(100'000, '['), 200},
  };
  int asked = 1;
  for (const auto& [body, status] : answers) {
    issuer.set("/keys", body, status);
    now_ += minutes(11);
    keys->poll();
    EXPECT_EQ(issuer.count("/keys"), ++asked);
    EXPECT_TRUE(accepts(first_)) << body.substr(0, 40);
    EXPECT_FALSE(accepts(second_));
  }
  // An empty set is one: the issuer has withdrawn all.
  issuer.set("/keys", R"({"keys":[]})");
  now_ += minutes(11);
  keys->poll();
  EXPECT_FALSE(accepts(first_));
}

TEST_F(IssuerKeysTest, RedirectsAreNotFollowed) {
  FakeIssuer issuer;
  issuer.set("/moved", "", 302);
  issuer.set("/keys", auth::jwks_of({first_.jwk()}));
  const auto keys = open("https://issuer.example", issuer.origin() + "/moved");
  EXPECT_FALSE(accepts(first_));
  EXPECT_EQ(issuer.count("/keys"), 0);
  const std::string text = logged();
  EXPECT_EQ(times(text, "expected status 200, got 302; redirects are not followed"), 1) << text;
}

TEST_F(IssuerKeysTest, AnIssuerSpeaksForItselfAndItsHostAlone) {
  FakeIssuer issuer;
  FakeIssuer other;
  other.set("/keys", auth::jwks_of({first_.jwk()}));
  const struct {
    std::string issuer;
    std::string keys;
    std::string message;
  } cases[] = {
      {issuer.origin(), other.origin() + "/keys", "expected one at " + issuer.origin()},
      {issuer.origin(), "http://169.254.169.254/keys", "expected https://, since"},
      {issuer.origin(), "file:///etc/passwd", "expected https:// or http:// in front"},
      {other.origin(), other.origin() + "/keys", "expected \\\"issuer\\\""},
  };
  for (const auto& c : cases) {
    issuer.set(kDescriptionPath,
               fmt::format(R"({{"issuer":"{}","jwks_uri":"{}"}})", c.issuer, c.keys));
    const auto keys = open(issuer.origin());
    EXPECT_FALSE(accepts(first_));
  }
  EXPECT_EQ(other.count("/keys"), 0);
  const std::string text = logged();
  for (const auto& c : cases) EXPECT_EQ(times(text, c.message), 1) << c.message << "\n" << text;
}

// An answer that never ends, in each way in which it can.
TEST_F(IssuerKeysTest, EndlessAnswersAreCutOff) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const auto flood = [](net::ScriptedServer::Socket& socket, const std::string& part) {
    boost::system::error_code error;
    while (!error) boost::asio::write(socket, boost::asio::buffer(part), error);
  };
  const std::function<void(net::ScriptedServer::Socket&)> scripts[] = {
      [&](auto& socket) {
        net::write_text(socket, head + "Transfer-Encoding: chunked\r\n\r\n");
        flood(socket, "1000\r\n" + std::string(4096, ' ') + "\r\n");
      },
      [&](auto& socket) {
        net::write_text(socket, head + "\r\n");
        flood(socket, std::string(4096, ' '));
      },
      [&](auto& socket) {
        net::write_text(socket, head + "Content-Length: 99999999999\r\n\r\n");
        flood(socket, std::string(4096, ' '));
      },
      [&](auto& socket) { flood(socket, head + "X-Field: 1\r\n"); },
      // Silence, until the other side has had enough.
      [&](auto& socket) {
        char byte = 0;
        boost::system::error_code error;
        while (!error) boost::asio::read(socket, boost::asio::buffer(&byte, 1), error);
      },
  };
  for (const auto& script : scripts) {
    net::ScriptedServer server([&](net::ScriptedServer::Socket& socket) {
      net::read_request(socket);
      script(socket);
    });
    const auto keys =
        try_open("https://issuer.example", fmt::format("http://127.0.0.1:{}/keys", server.port()),
                 milliseconds(500));
    ASSERT_TRUE(keys.ok());
    EXPECT_FALSE(accepts(first_));
  }
  EXPECT_EQ(times(logged(), "tokens are refused until"), 5);
}

TEST_F(IssuerKeysTest, OverHttpsTheCertificateIsChecked) {
  const net::TestCertificate authority = net::make_certificate({});
  const net::TestCertificate own = net::make_certificate(
      {.name = "issuer", .alternative_names = "IP:127.0.0.1", .issuer = &authority});
  const std::string file = (folder_ / "ca.pem").string();
  std::ofstream(file) << authority.pem();
  auto context = net::TlsContext::make(own.pem(), own.key_pem());
  ASSERT_TRUE(context.ok()) << context.error().message();
  net::Server::Options options;
  options.tls = std::make_shared<threads::Snapshot<net::TlsContext>>(*std::move(context));
  FakeIssuer issuer(std::move(options));
  issuer.describe(auth::jwks_of({first_.jwk()}));
  const auto with_authorities = [&](const std::string& ca_file) {
    auto trust = net::TlsTrust::load({.system = false, .ca_file = ca_file});
    EXPECT_TRUE(trust.ok());
    http_ = std::make_unique<net::HttpClient>(net::HttpClient::Options{}, *std::move(trust));
  };
  with_authorities("");
  const auto strange = open(issuer.origin());
  EXPECT_FALSE(accepts(first_));
  with_authorities(file);
  const auto known = open(issuer.origin());
  EXPECT_TRUE(accepts(first_));
}

TEST_F(IssuerKeysTest, AFileIsWatched) {
  const std::string file = (folder_ / "jwks.json").string();
  const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
  const auto missing = try_open("https://issuer.example", file);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message(), "\"" + file + "\": No such file or directory");
  write("{}");
  const auto bad = try_open("https://issuer.example", file);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().message(), "\"" + file + "\": token keys: expected an array as \"keys\"");
  write(auth::jwks_of({first_.jwk()}));
  const auto keys = open("https://issuer.example", file);
  EXPECT_TRUE(accepts(first_));
  write(auth::jwks_of({second_.jwk(), R"({"kty":"oct","k":"AA"})"}));
  keys->poll();
  EXPECT_FALSE(accepts(first_));
  EXPECT_TRUE(accepts(second_));
  write("{");
  for (int i = 0; i < 3; ++i) keys->poll();
  EXPECT_TRUE(accepts(second_));
  const std::string text = logged();
  EXPECT_EQ(times(text, "token keys stay as they were"), 1) << text;
  EXPECT_EQ(times(text, "a token key is not used"), 1) << text;
}

TEST_F(IssuerKeysTest, LooksByItselfOnceItWatches) {
  const std::string file = (folder_ / "jwks.json").string();
  std::ofstream(file) << auth::jwks_of({first_.jwk()});
  const auto keys = open("https://issuer.example", file);
  ASSERT_TRUE(keys->watch().ok());
  std::ofstream(file) << auth::jwks_of({second_.jwk()});
  while (!accepts(second_)) std::this_thread::yield();
  EXPECT_FALSE(accepts(first_));
}

TEST(KeyLocationTest, KeysComeOverHttpsOrFromThisMachine) {
  const auto kind_of = [](std::string_view issuer, std::string_view keys) -> std::string {
    const auto location = parse_key_location(issuer, keys);
    if (!location.ok()) return location.error().message();
    if (const auto* url = std::get_if<KeyUrl>(&*location)) return "url " + url->url.text();
    if (const auto* file = std::get_if<KeyFile>(&*location)) return "file " + file->path;
    return "asks " + std::get_if<KeyDiscovery>(&*location)->description.text();
  };
  EXPECT_EQ(kind_of("https://i.example/a/", ""),
            "asks https://i.example/a/.well-known/openid-configuration");
  EXPECT_EQ(kind_of("http://localhost:8000", ""),
            "asks http://localhost:8000/.well-known/openid-configuration");
  EXPECT_EQ(kind_of("any text", "https://k.example/keys?x=1"), "url https://k.example/keys?x=1");
  EXPECT_EQ(kind_of("any text", "jwks.json"), "file jwks.json");
  EXPECT_EQ(kind_of("http://i.example", ""),
            "issuer \"http://i.example\": URL "
            "\"http://i.example/.well-known/openid-configuration\": expected https://, since keys "
            "decide who is let in");
  EXPECT_EQ(kind_of("any", "http://k.example/"),
            "URL \"http://k.example/\": expected https://, since keys decide who is let in");
  EXPECT_EQ(kind_of("https://l.example/{tenantid}/v2.0", ""),
            "issuer \"https://l.example/{tenantid}/v2.0\": expected the URL of its keys, since an "
            "issuer of many tenants cannot be asked for it");
}

}  // namespace
}  // namespace front
