#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "oci/push_blobs.h"
#include "oci/registry.h"
#include "threads/process.h"

namespace {

using oci::Descriptor;
using oci::Registry;
using std::chrono::steady_clock;

constexpr const char* kUser = "me";
constexpr const char* kPassword = "secret";
// With bcrypt of kPassword.
constexpr const char* kPasswordFile =
    "me:$2y$05$KBCwKxOzLha2MUDgW0PjXeGy8zDyKFegpVV4y0qPBUgij10WNyKY6\n";

std::uint16_t free_port() {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

// A docker-registry of its own, ended with the test.
class RegistryConformanceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    program_ = threads::find_program("docker-registry", "/usr/bin:/usr/local/bin");
    if (!program_) GTEST_SKIP() << "docker-registry is not installed";
    std::string name = (std::filesystem::temp_directory_path() / "sooth-reg-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    port_ = free_port();
  }
  void TearDown() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void start(bool with_password) {
    std::ofstream(folder_ + "/config.yml")
        << "version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: " << folder_
        << "/data}\n  delete: {enabled: true}\nhttp:\n  addr: 127.0.0.1:" << port_ << "\n"
        << (with_password ? "auth:\n  htpasswd: {realm: test, path: " + folder_ + "/passwords}\n"
                          : "");
    std::ofstream(folder_ + "/passwords") << kPasswordFile;
    spawn();
    for (int i = 0; i < 200; ++i) {
      const auto answer = http_.send({.url = {.origin = {false, "127.0.0.1", port_}}}, soon());
      if (answer.ok()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL() << "docker-registry does not answer";
  }

  std::unique_ptr<Registry> client(const std::string& repository,
                                   std::uint64_t chunk_bytes = 16 << 20) {
    oci::RegistryWorld world{
        .http = http_,
        .credentials =
            [this](const std::string&, std::string_view) {
              return base::Result<std::optional<oci::Credentials>>(credentials_);
            },
        .now = [] { return steady_clock::now(); },
        .sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }};
    return *Registry::open(std::move(world), {.host = "127.0.0.1:" + std::to_string(port_),
                                              .repository = repository,
                                              .deadline = soon(),
                                              .chunk_bytes = chunk_bytes});
  }
  static steady_clock::time_point soon() { return steady_clock::now() + std::chrono::minutes(2); }
  static std::string some_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint64_t state = size + 1;
    for (char& byte : bytes) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<char>(state >> 56U);
    }
    return bytes;
  }
  static Descriptor describe(const std::string& bytes, std::string_view type = oci::kLayerType) {
    return {
        .media_type = std::string(type), .digest = base::Digest::of(bytes), .size = bytes.size()};
  }
  static base::Result<std::string> fetch(Registry& registry, const Descriptor& blob) {
    std::string taken;
    TRY(registry.fetch_blob(blob, [&taken](base::Bytes bytes) {
      taken += base::as_text(bytes);
      return base::Result<void>();
    }));
    return taken;
  }

  std::optional<oci::Credentials> credentials_;
  net::HttpClient http_{{.user_agent = "sooth/test"}, nullptr};
  std::uint16_t port_ = 0;

 private:
  void spawn() {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const std::string log = folder_ + "/log";
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    std::vector<std::string> texts = {"docker-registry", "serve", folder_ + "/config.yml"};
    std::vector<char*> arguments = {texts[0].data(), texts[1].data(), texts[2].data(), nullptr};
    char* environment[] = {nullptr};
    ASSERT_EQ(
        ::posix_spawn(&pid_, program_->c_str(), &actions, nullptr, arguments.data(), environment),
        0);
    ::posix_spawn_file_actions_destroy(&actions);
  }

  std::optional<std::string> program_;
  std::string folder_;
  pid_t pid_ = -1;
};

TEST_F(RegistryConformanceTest, TakesAndGivesAnImage) {
  start(false);
  const auto registry = client("team/faq");
  ASSERT_TRUE(registry->check_access().ok());
  const std::string config = R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers",)"
                             R"("diff_ids":[]}})";
  const std::vector<std::string> contents = {config, some_bytes(1), some_bytes(100'000),
                                             some_bytes(3'000'000)};
  std::vector<oci::BlobToPush> blobs;
  for (const std::string& each : contents)
    blobs.push_back({describe(each), base::as_bytes(each), ""});
  const auto pushed = oci::push_blobs(*registry, blobs, {});
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  oci::Manifest manifest{.config = describe(config, oci::kConfigType)};
  for (std::size_t i = 1; i < contents.size(); ++i)
    manifest.layers.push_back(describe(contents[i]));
  const auto digest =
      registry->push_manifest("v1", std::string(oci::kManifestType), manifest.json());
  ASSERT_TRUE(digest.ok()) << digest.error().message();

  const auto found = registry->find_manifest("v1");
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->digest, *digest);
  const auto fetched = registry->fetch_manifest(digest->text());
  ASSERT_TRUE(fetched.ok()) << fetched.error().message();
  EXPECT_EQ(fetched->text, manifest.json());
  for (const std::string& each : contents) {
    const auto bytes = fetch(*registry, describe(each));
    ASSERT_TRUE(bytes.ok()) << bytes.error().message();
    EXPECT_TRUE(*bytes == each);
  }
}

TEST_F(RegistryConformanceTest, TakesChunksMountsAndTags) {
  start(false);
  const std::string large = some_bytes(5'000'001);
  const auto registry = client("team/faq", 1'000'000);
  const auto pushed = registry->push_blob(describe(large), base::as_bytes(large));
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  const auto other = client("team/other");
  const auto mounted = other->push_blob(describe(large), base::as_bytes(large), "team/faq");
  ASSERT_TRUE(mounted.ok()) << mounted.error().message();
  EXPECT_EQ(*mounted, oci::BlobOutcome::Mounted);
  const auto bytes = fetch(*other, describe(large));
  ASSERT_TRUE(bytes.ok() && *bytes == large);

  const oci::Manifest manifest{.config = describe(large)};
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(registry
                    ->push_manifest("v" + std::to_string(i), std::string(oci::kManifestType),
                                    manifest.json())
                    .ok());
  }
  const auto tags = registry->list_tags();
  ASSERT_TRUE(tags.ok()) << tags.error().message();
  EXPECT_EQ(*tags, (std::vector<std::string>{"v0", "v1", "v2", "v3", "v4"}));
}

TEST_F(RegistryConformanceTest, KeepsReferrersByTag) {
  start(false);
  const auto registry = client("team/faq");
  const std::string config = "{}";
  ASSERT_TRUE(registry->push_blob(describe(config), base::as_bytes(config)).ok());
  const oci::Manifest image{.config = describe(config, oci::kConfigType)};
  const auto subject = registry->push_manifest("v1", std::string(oci::kManifestType), image.json());
  ASSERT_TRUE(subject.ok()) << subject.error().message();
  EXPECT_TRUE(registry->list_referrers(*subject)->empty());
  const oci::Manifest bill{.config = describe(config, oci::kEmptyType),
                           .subject = describe(image.json(), oci::kManifestType),
                           .artifact_type = "application/spdx+json"};
  const auto pushed = registry->push_referrer(bill);
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  const auto referrers = registry->list_referrers(*subject, "application/spdx+json");
  ASSERT_TRUE(referrers.ok()) << referrers.error().message();
  ASSERT_EQ(referrers->size(), 1U);
  EXPECT_EQ(referrers->front().digest, *pushed);
}

TEST_F(RegistryConformanceTest, LetsInWithAPassword) {
  start(true);
  EXPECT_EQ(client("faq")->check_access().error().code(), base::Code::Unauthenticated);
  credentials_ = {.user = kUser, .secret = "wrong"};
  EXPECT_EQ(client("faq")->check_access().error().code(), base::Code::Unauthenticated);
  credentials_ = {.user = kUser, .secret = kPassword};
  const auto registry = client("faq", 100'000);
  ASSERT_TRUE(registry->check_access().ok());
  const std::string bytes = some_bytes(1'000'000);
  const auto pushed = registry->push_blob(describe(bytes), base::as_bytes(bytes));
  EXPECT_TRUE(pushed.ok()) << pushed.error().message();
}

// Not a bound: what a push and a pull cost is printed.
TEST_F(RegistryConformanceTest, SaysHowLongItTakes) {
  start(false);
  const std::string bytes = some_bytes(64'000'000);
  for (const std::uint64_t chunk : {std::uint64_t{1} << 40U, std::uint64_t{16} << 20U}) {
    const auto registry = client("chunk" + std::to_string(chunk), chunk);
    const auto begin = steady_clock::now();
    ASSERT_TRUE(registry->push_blob(describe(bytes), base::as_bytes(bytes)).ok());
    const auto pushed = steady_clock::now();
    const auto drop = [](base::Bytes) { return base::Result<void>(); };
    ASSERT_TRUE(registry->fetch_blob(describe(bytes), drop).ok());
    const std::chrono::duration<double> pushing = pushed - begin;
    const std::chrono::duration<double> fetching = steady_clock::now() - pushed;
    std::cout << "64 MB, chunks of " << chunk << " bytes: pushed in " << pushing.count()
              << " s, fetched in " << fetching.count() << " s\n";
  }
}

}  // namespace
