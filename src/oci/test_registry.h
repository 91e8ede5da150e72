#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/digest.h"
#include "net/http_client.h"
#include "net/server.h"
#include "oci/descriptor.h"
#include "oci/registry.h"

// For tests: a registry in this process, which misbehaves as it is told to.

namespace oci {

struct RegistryFaults {
  // The next so many requests with this method and path in them get this answer.
  int fail_count = 0;
  std::string fail_what;  // "PATCH ", "/blobs/"
  int fail_status = 503;
  std::string retry_after;
  bool fail_keeps_half = false;  // A failing PATCH has taken half of its bytes.

  std::string blob_location;    // Blobs are redirected there.
  std::string upload_location;  // In front of the Location of uploads: another host.
  bool relative_location = true;
  std::string chunk_min;        // OCI-Chunk-Min-Length
  std::string range;            // What every PATCH says it has.
  bool forget_uploads = false;  // Every PATCH is answered 404.
  bool mounts = true;
  bool mount_denied = false;
  bool lists_referrers = true;
  std::optional<std::string> blob_bytes;      // Given for every blob.
  std::optional<std::string> manifest_bytes;  // Given for every manifest.
  std::string manifest_type;
  std::string manifest_digest;
  std::string tags_link;
  // GETs of these blobs wait until all of them have been asked for, and are answered together.
  std::set<std::string> answered_together;
};

struct RegistryAccess {
  enum class Kind : unsigned char { Open, Basic, Bearer };
  Kind kind = Kind::Open;
  std::string user = "me";
  std::string password = "secret";
  std::string refresh_token = "refresh";
  std::string realm;       // Of Bearer; empty: the registry's own /token.
  bool read_only = false;  // Tokens are for pulling, whatever is asked for.
  bool anonymous = false;  // Tokens to everybody.
  bool knows_oauth = true;
  std::string challenge;  // Instead of the right one.
  int uses_of_token = 1'000'000;
  std::string expires_in;  // JSON; empty: not said.
};

class TestRegistry final : public net::Handler {
 public:
  TestRegistry() : server_(*net::Server::listen({}, *this)) {}
  ~TestRegistry() override {
    for (net::Exchange* each : waiting_) each->finish();
  }

  RegistryFaults faults;  // Changed only while nothing is asked.
  RegistryAccess access;

  std::string host() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  std::string origin() const { return "http://" + host(); }

  std::map<std::string, std::string> blobs;  // "<repository>@<digest>"
  std::map<std::string, std::pair<std::string, std::string>>
      manifests;  // "<repository>@<reference>"

  // "GET /v2/", in order.
  std::vector<std::string> log() {
    const std::scoped_lock lock(mutex_);
    return log_;
  }
  // How many of them have this in them.
  int count(const std::string& what) {
    int count = 0;
    for (const std::string& line : log()) count += line.find(what) != std::string::npos ? 1 : 0;
    return count;
  }

  net::Admission admit(const net::RequestHead&, net::Response&) override {
    return net::Admission::accept(256 << 20);
  }
  void handle(net::Exchange& exchange) override {
    std::vector<net::Exchange*> answered;
    {
      const std::scoped_lock lock(mutex_);
      answer(exchange);
      answered = together(exchange);
    }
    for (net::Exchange* each : answered) each->finish();
  }

 private:
  void answer(net::Exchange& exchange);
  // The exchanges that may be finished now that this one is answered.
  std::vector<net::Exchange*> together(net::Exchange& exchange);
  void route(net::Exchange& exchange, const std::string& path);
  bool let_in(net::Exchange& exchange);
  void give_token(net::Exchange& exchange);
  void blob(net::Exchange& exchange, const std::string& repository, const std::string& digest);
  void point_to(net::Exchange& exchange, const std::string& repository, const std::string& id);
  void upload(net::Exchange& exchange, const std::string& repository, const std::string& id);
  void start_upload(net::Exchange& exchange, const std::string& repository, std::string_view query);
  void take_chunk(net::Exchange& exchange, const std::string& repository, const std::string& id);
  void finish_upload(net::Exchange& exchange, const std::string& repository, const std::string& id,
                     const std::string& digest);
  void manifest(net::Exchange& exchange, const std::string& repository,
                const std::string& reference);
  void referrers(net::Exchange& exchange, const std::string& repository,
                 const std::string& subject);
  void tags(net::Exchange& exchange, const std::string& repository);

  struct Token {
    int uses = 0;
    bool may_push = false;
  };

  std::mutex mutex_;
  std::vector<std::string> log_;
  std::map<std::string, std::string> uploads_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, std::vector<std::string>> subjects_;
  int uploads_started_ = 0;
  std::set<std::string> asked_for_;  // Of those that are answered together.
  std::vector<net::Exchange*> waiting_;
  std::unique_ptr<net::Server> server_;
};

// A registry, a client of it, and a clock that only its waiting moves.
class RegistryTest : public ::testing::Test {
 protected:
  RegistryWorld world() {
    return {.http = http_,
            .credentials =
                [this](const std::string& host, std::string_view) {
                  EXPECT_EQ(host, served_.host());
                  ++credentials_asked_;
                  return base::Result<std::optional<Credentials>>(credentials_);
                },
            .now = [this] { return now_; },
            .sleep =
                [this](std::chrono::milliseconds time) {
                  waits_.push_back(time.count());
                  now_ += time;
                }};
  }
  std::unique_ptr<Registry> client(RegistryOptions options = {}) {
    options.host = served_.host();
    if (options.repository.empty()) options.repository = "team/faq";
    auto opened = Registry::open(world(), options);
    EXPECT_TRUE(opened.ok()) << opened.error().message();
    return *std::move(opened);
  }
  static Descriptor describe(const std::string& bytes) {
    return {.media_type = std::string(kLayerType),
            .digest = base::Digest::of(bytes),
            .size = bytes.size()};
  }
  // What lies in the registry under that digest.
  const std::string& kept(const Descriptor& blob, const std::string& repository = "team/faq") {
    return served_.blobs[repository + "@" + blob.digest.text()];
  }

  TestRegistry served_;
  net::HttpClient http_{{.user_agent = "sooth/test"}, nullptr};
  std::optional<Credentials> credentials_;
  int credentials_asked_ = 0;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
  std::vector<std::int64_t> waits_;  // In milliseconds.
};

}  // namespace oci
