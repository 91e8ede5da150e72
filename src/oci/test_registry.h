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
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/number.h"
#include "net/base64.h"
#include "net/http_client.h"
#include "net/request.h"
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
    {
      const std::scoped_lock lock(mutex_);
      answer(exchange);
    }
    exchange.finish();
  }

 private:
  using Exchange = net::Exchange;

  static std::string field(const Exchange& exchange, std::string_view name) {
    return std::string(exchange.head().header(name).value_or(""));
  }
  static std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] != '%' || at + 2 >= text.size()) {
        out += text[at];
        continue;
      }
      out += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    }
    return out;
  }
  // All values of one name in "a=b&a=c".
  static std::vector<std::string> values(std::string_view query, std::string_view name) {
    std::vector<std::string> found;
    while (!query.empty()) {
      const std::size_t end = std::min(query.find('&'), query.size());
      const std::string_view pair = query.substr(0, end);
      query.remove_prefix(std::min(end + 1, query.size()));
      const std::size_t is = std::min(pair.find('='), pair.size());
      if (pair.substr(0, is) == name) {
        found.push_back(decoded(pair.substr(std::min(is + 1, pair.size()))));
      }
    }
    return found;
  }
  static std::string value(std::string_view query, std::string_view name) {
    const auto all = values(query, name);
    return all.empty() ? "" : all.front();
  }
  static void refuse(Exchange& exchange, int status, const std::string& code) {
    exchange.response().set_status(status);
    exchange.response().body() = R"({"errors":[{"code":")" + code + R"(","message":"as told"}]})";
  }

  void answer(Exchange& exchange) {
    const std::string path(exchange.head().path);
    std::string line(net::method_name(exchange.head().method));
    line += " " + path;
    if (!exchange.head().query.empty()) line += "?" + std::string(exchange.head().query);
    log_.push_back(line);
    if (faults.fail_count > 0 && line.find(faults.fail_what) != std::string::npos) {
      --faults.fail_count;
      if (faults.fail_keeps_half) {
        std::string& upload = uploads_[path.substr(path.rfind('/') + 1)];
        upload += exchange.body().substr(0, exchange.body().size() / 2);
      }
      if (!faults.retry_after.empty()) {
        exchange.response().add_header("Retry-After", faults.retry_after);
      }
      return refuse(exchange, faults.fail_status, "TOLD");
    }
    if (path == "/token") return give_token(exchange);
    if (!let_in(exchange)) return;
    route(exchange, path);
  }

  void route(Exchange& exchange, const std::string& path) {
    if (path == "/v2/") return;
    for (const std::string part :
         {"/blobs/uploads/", "/blobs/", "/manifests/", "/referrers/", "/tags/list"}) {
      const std::size_t at = path.find(part);
      if (at == std::string::npos) continue;
      const std::string repository = path.substr(4, at - 4);
      const std::string rest = path.substr(at + part.size());
      if (part == "/blobs/uploads/") return upload(exchange, repository, rest);
      if (part == "/blobs/") return blob(exchange, repository, rest);
      if (part == "/manifests/") return manifest(exchange, repository, rest);
      if (part == "/referrers/") return referrers(exchange, repository, rest);
      return tags(exchange, repository);
    }
    refuse(exchange, 404, "NAME_UNKNOWN");
  }

  // --- Who may come in.

  bool let_in(Exchange& exchange) {
    using Kind = RegistryAccess::Kind;
    const std::string sent = field(exchange, "Authorization");
    if (access.kind == Kind::Open) {
      if (!sent.empty()) ADD_FAILURE() << "credentials that nobody asked for";
      return true;
    }
    if (access.kind == Kind::Basic) {
      if (sent == net::basic_authorization(access.user, access.password)) return true;
      exchange.response().add_header(
          "WWW-Authenticate", access.challenge.empty() ? "Basic realm=\"test\"" : access.challenge);
      refuse(exchange, 401, "UNAUTHORIZED");
      return false;
    }
    const bool writes =
        exchange.head().method != net::Method::Get && exchange.head().method != net::Method::Head;
    const auto token = sent.starts_with("Bearer ") ? tokens_.find(sent.substr(7)) : tokens_.end();
    const bool known = token != tokens_.end() && token->second.uses-- > 0;
    if (known && (!writes || token->second.may_push)) return true;
    const std::string realm = access.realm.empty() ? origin() + "/token" : access.realm;
    exchange.response().add_header("WWW-Authenticate",
                                   access.challenge.empty()
                                       ? "Bearer realm=\"" + realm + "\",service=\"test\"" +
                                             (known ? ",error=\"insufficient_scope\"" : "")
                                       : access.challenge);
    refuse(exchange, 401, "UNAUTHORIZED");
    return false;
  }

  void give_token(Exchange& exchange) {
    const bool post = exchange.head().method == net::Method::Post;
    if (post && !access.knows_oauth) return refuse(exchange, 404, "NO_OAUTH");
    const std::string_view query = post ? exchange.body() : exchange.head().query;
    const std::string sent = field(exchange, "Authorization");
    const bool good = post
                          ? value(query, "refresh_token") == access.refresh_token &&
                                value(query, "grant_type") == "refresh_token"
                          : sent == net::basic_authorization(access.user, access.password) ||
                                sent == net::basic_authorization(access.user, access.refresh_token);
    if (!good && !(sent.empty() && access.anonymous)) return refuse(exchange, 401, "BAD");
    if (value(query, "service") != "test") return refuse(exchange, 400, "SERVICE");
    bool may_push = false;
    for (const std::string& scope : values(query, "scope")) {
      may_push = may_push || scope.find("push") != std::string::npos;
    }
    const std::string token = "token" + std::to_string(tokens_.size());
    tokens_[token] = {access.uses_of_token, may_push && !access.read_only};
    exchange.response().body() =
        std::string(R"({")") + (post ? "access_token" : "token") + R"(":")" + token + "\"" +
        (access.expires_in.empty() ? "" : ",\"expires_in\":" + access.expires_in) + "}";
  }

  // --- Blobs.

  void blob(Exchange& exchange, const std::string& repository, const std::string& digest) {
    const auto found = blobs.find(repository + "@" + digest);
    if (found == blobs.end() && !faults.blob_bytes) return refuse(exchange, 404, "BLOB_UNKNOWN");
    if (!faults.blob_location.empty()) {
      exchange.response().set_status(307);
      exchange.response().add_header("Location", faults.blob_location);
      return;
    }
    exchange.response().set_content_type("application/octet-stream");
    exchange.response().body() = faults.blob_bytes ? *faults.blob_bytes : found->second;
  }

  void point_to(Exchange& exchange, const std::string& repository, const std::string& id) {
    std::string location = "/v2/" + repository + "/blobs/uploads/" + id + "?state=s";
    if (!faults.upload_location.empty()) {
      location.insert(0, faults.upload_location);
    } else if (!faults.relative_location) {
      location.insert(0, origin());
    }
    exchange.response().add_header("Location", location);
    if (!faults.chunk_min.empty()) {
      exchange.response().add_header("OCI-Chunk-Min-Length", faults.chunk_min);
    }
  }

  void upload(Exchange& exchange, const std::string& repository, const std::string& id) {
    const std::string_view query = exchange.head().query;
    switch (exchange.head().method) {
      case net::Method::Post: return start_upload(exchange, repository, query);
      case net::Method::Patch: return take_chunk(exchange, repository, id);
      case net::Method::Put: return finish_upload(exchange, repository, id, value(query, "digest"));
      default:
        if (uploads_.count(id) == 0) return refuse(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
        exchange.response().set_status(204);
        point_to(exchange, repository, id);
        return say_range(exchange, uploads_[id]);
    }
  }

  static void say_range(Exchange& exchange, const std::string& upload) {
    exchange.response().add_header("Range",
                                   "0-" + std::to_string(upload.empty() ? 0 : upload.size() - 1));
  }

  void start_upload(Exchange& exchange, const std::string& repository, std::string_view query) {
    const std::string digest = value(query, "mount");
    const auto other = blobs.find(value(query, "from") + "@" + digest);
    if (!digest.empty() && faults.mount_denied) return refuse(exchange, 403, "DENIED");
    if (other != blobs.end() && faults.mounts) {
      blobs[repository + "@" + digest] = other->second;
      return exchange.response().set_status(201);
    }
    const std::string id = "u" + std::to_string(uploads_started_++);
    uploads_[id];
    exchange.response().set_status(202);
    point_to(exchange, repository, id);
  }

  void take_chunk(Exchange& exchange, const std::string& repository, const std::string& id) {
    if (uploads_.count(id) == 0 || faults.forget_uploads) {
      return refuse(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
    }
    std::string& have = uploads_[id];
    const std::string range = field(exchange, "Content-Range");
    const std::string expected = std::to_string(have.size()) + "-" +
                                 std::to_string(have.size() + exchange.body().size() - 1);
    if (range != expected) {
      exchange.response().set_status(416);
      return say_range(exchange, have);
    }
    EXPECT_EQ(field(exchange, "Content-Type"), "application/octet-stream");
    have += exchange.body();
    exchange.response().set_status(202);
    point_to(exchange, repository, id);
    if (faults.range.empty()) return say_range(exchange, have);
    exchange.response().add_header("Range", faults.range);
  }

  void finish_upload(Exchange& exchange, const std::string& repository, const std::string& id,
                     const std::string& digest) {
    EXPECT_EQ(field(exchange, "Content-Type"), "application/octet-stream");
    const auto at = uploads_.find(id);
    if (at == uploads_.end()) return refuse(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
    std::string whole = at->second + std::string(exchange.body());
    if (base::Digest::of(whole).text() != digest) return refuse(exchange, 400, "DIGEST_INVALID");
    uploads_.erase(at);
    blobs[repository + "@" + digest] = std::move(whole);
    exchange.response().set_status(201);
  }

  // --- Manifests, lists.

  void manifest(Exchange& exchange, const std::string& repository, const std::string& reference) {
    net::Response& response = exchange.response();
    if (exchange.head().method == net::Method::Put) {
      const std::string text(exchange.body());
      const std::string digest = base::Digest::of(text).text();
      const std::pair<std::string, std::string> kept = {field(exchange, "Content-Type"), text};
      manifests[repository + "@" + reference] = kept;
      manifests[repository + "@" + digest] = kept;
      const auto parsed = Manifest::parse(text);
      if (faults.lists_referrers && parsed.ok() && parsed->subject) {
        response.add_header("OCI-Subject", parsed->subject->digest.text());
        subjects_[parsed->subject->digest.text()].push_back(digest);
      }
      response.set_status(201);
      response.add_header("Docker-Content-Digest",
                          faults.manifest_digest.empty() ? digest : faults.manifest_digest);
      return;
    }
    const auto found = manifests.find(repository + "@" + reference);
    if (found == manifests.end()) return refuse(exchange, 404, "MANIFEST_UNKNOWN");
    EXPECT_NE(field(exchange, "Accept").find(kDockerManifestType), std::string::npos);
    response.set_content_type(faults.manifest_type.empty() ? found->second.first
                                                           : faults.manifest_type);
    response.body() = faults.manifest_bytes ? *faults.manifest_bytes : found->second.second;
    if (faults.manifest_digest == "none") return;
    response.add_header("Docker-Content-Digest", faults.manifest_digest.empty()
                                                     ? base::Digest::of(found->second.second).text()
                                                     : faults.manifest_digest);
  }

  void referrers(Exchange& exchange, const std::string& repository, const std::string& subject) {
    if (!faults.lists_referrers) return refuse(exchange, 404, "UNKNOWN");
    Index index;
    for (const std::string& digest : subjects_[subject]) {
      const std::string& text = manifests[repository + "@" + digest].second;
      const auto parsed = Manifest::parse(text);
      index.manifests.push_back({.media_type = std::string(kManifestType),
                                 .digest = base::Digest::of(text),
                                 .size = text.size(),
                                 .artifact_type = parsed->artifact_type});
    }
    exchange.response().set_content_type(kIndexType);
    exchange.response().body() = index.json();
  }

  // Two tags a page.
  void tags(Exchange& exchange, const std::string& repository) {
    std::vector<std::string> all;
    for (const auto& [key, manifest] : manifests) {
      if (key.starts_with(repository + "@") && key.find(':') == std::string::npos) {
        all.push_back(key.substr(repository.size() + 1));
      }
    }
    const std::string last = value(exchange.head().query, "last");
    std::string list;
    std::size_t given = 0;
    bool more = false;
    for (const std::string& tag : all) {
      if (tag <= last) continue;
      more = given == 2;
      if (more) break;
      list += (list.empty() ? "\"" : ",\"") + tag + "\"";
      latest_tag_ = tag;
      ++given;
    }
    exchange.response().body() = R"({"name":")" + repository + R"(","tags":[)" + list + "]}";
    if (!faults.tags_link.empty()) {
      exchange.response().add_header("Link", faults.tags_link);
    } else if (more) {
      exchange.response().add_header(
          "Link", "</v2/" + repository + "/tags/list?n=2&last=" + latest_tag_ + ">; rel=\"next\"");
    }
  }

  struct Token {
    int uses = 0;
    bool may_push = false;
  };

  std::mutex mutex_;
  std::vector<std::string> log_;
  std::map<std::string, std::string> uploads_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, std::vector<std::string>> subjects_;
  std::string latest_tag_;
  int uploads_started_ = 0;
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
