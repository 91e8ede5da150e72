#include "oci/test_registry.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "net/basic_authorization.h"
#include "net/request.h"

namespace oci {
namespace {

std::string field(const net::Exchange& exchange, std::string_view name) {
  return std::string(exchange.head().header(name).value_or(""));
}

std::string decoded(std::string_view text) {
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
std::vector<std::string> values(std::string_view query, std::string_view name) {
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

std::string value(std::string_view query, std::string_view name) {
  const auto all = values(query, name);
  return all.empty() ? "" : all.front();
}

void answer_error(net::Exchange& exchange, int status, const std::string& code) {
  exchange.response().set_status(status);
  exchange.response().body() = R"({"errors":[{"code":")" + code + R"(","message":"as told"}]})";
}

void say_range(net::Exchange& exchange, const std::string& upload) {
  exchange.response().add_header("Range",
                                 "0-" + std::to_string(upload.empty() ? 0 : upload.size() - 1));
}

}  // namespace

void TestRegistry::answer(net::Exchange& exchange) {
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
    return answer_error(exchange, faults.fail_status, "TOLD");
  }
  if (path == "/token") return give_token(exchange);
  if (!let_in(exchange)) return;
  route(exchange, path);
}

std::vector<net::Exchange*> TestRegistry::together(net::Exchange& exchange) {
  const std::string path(exchange.head().path);
  const std::string name = path.substr(path.rfind('/') + 1);
  if (!faults.answered_together.contains(name)) return {&exchange};
  asked_for_.insert(name);
  waiting_.push_back(&exchange);
  if (asked_for_ != faults.answered_together) return {};
  return std::exchange(waiting_, {});
}

void TestRegistry::route(net::Exchange& exchange, const std::string& path) {
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
  answer_error(exchange, 404, "NAME_UNKNOWN");
}

bool TestRegistry::let_in(net::Exchange& exchange) {
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
    answer_error(exchange, 401, "UNAUTHORIZED");
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
  answer_error(exchange, 401, "UNAUTHORIZED");
  return false;
}

void TestRegistry::give_token(net::Exchange& exchange) {
  const bool post = exchange.head().method == net::Method::Post;
  if (post && !access.knows_oauth) return answer_error(exchange, 404, "NO_OAUTH");
  const std::string_view query = post ? exchange.body() : exchange.head().query;
  const std::string sent = field(exchange, "Authorization");
  const bool good = post ? value(query, "refresh_token") == access.refresh_token &&
                               value(query, "grant_type") == "refresh_token"
                         : sent == net::basic_authorization(access.user, access.password) ||
                               sent == net::basic_authorization(access.user, access.refresh_token);
  if (!good && !(sent.empty() && access.anonymous)) return answer_error(exchange, 401, "BAD");
  if (value(query, "service") != "test") return answer_error(exchange, 400, "SERVICE");
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

void TestRegistry::blob(net::Exchange& exchange, const std::string& repository,
                        const std::string& digest) {
  const auto found = blobs.find(repository + "@" + digest);
  if (found == blobs.end() && !faults.blob_bytes)
    return answer_error(exchange, 404, "BLOB_UNKNOWN");
  if (!faults.blob_location.empty()) {
    exchange.response().set_status(307);
    exchange.response().add_header("Location", faults.blob_location);
    return;
  }
  exchange.response().set_content_type("application/octet-stream");
  exchange.response().body() = faults.blob_bytes ? *faults.blob_bytes : found->second;
}

void TestRegistry::point_to(net::Exchange& exchange, const std::string& repository,
                            const std::string& id) {
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

void TestRegistry::upload(net::Exchange& exchange, const std::string& repository,
                          const std::string& id) {
  const std::string_view query = exchange.head().query;
  switch (exchange.head().method) {
    case net::Method::Post: return start_upload(exchange, repository, query);
    case net::Method::Patch: return take_chunk(exchange, repository, id);
    case net::Method::Put: return finish_upload(exchange, repository, id, value(query, "digest"));
    default:
      if (uploads_.count(id) == 0) return answer_error(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
      exchange.response().set_status(204);
      point_to(exchange, repository, id);
      return say_range(exchange, uploads_[id]);
  }
}

void TestRegistry::start_upload(net::Exchange& exchange, const std::string& repository,
                                std::string_view query) {
  const std::string digest = value(query, "mount");
  const auto other = blobs.find(value(query, "from") + "@" + digest);
  if (!digest.empty() && faults.mount_denied) return answer_error(exchange, 403, "DENIED");
  if (other != blobs.end() && faults.mounts) {
    blobs[repository + "@" + digest] = other->second;
    return exchange.response().set_status(201);
  }
  const std::string id = "u" + std::to_string(uploads_started_++);
  uploads_[id];
  exchange.response().set_status(202);
  point_to(exchange, repository, id);
}

void TestRegistry::take_chunk(net::Exchange& exchange, const std::string& repository,
                              const std::string& id) {
  if (uploads_.count(id) == 0 || faults.forget_uploads) {
    return answer_error(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
  }
  std::string& have = uploads_[id];
  const std::string range = field(exchange, "Content-Range");
  const std::string expected =
      std::to_string(have.size()) + "-" + std::to_string(have.size() + exchange.body().size() - 1);
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

void TestRegistry::finish_upload(net::Exchange& exchange, const std::string& repository,
                                 const std::string& id, const std::string& digest) {
  EXPECT_EQ(field(exchange, "Content-Type"), "application/octet-stream");
  const auto at = uploads_.find(id);
  if (at == uploads_.end()) return answer_error(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
  std::string whole = at->second + std::string(exchange.body());
  if (base::Digest::of(whole).text() != digest)
    return answer_error(exchange, 400, "DIGEST_INVALID");
  uploads_.erase(at);
  blobs[repository + "@" + digest] = std::move(whole);
  exchange.response().set_status(201);
}

void TestRegistry::manifest(net::Exchange& exchange, const std::string& repository,
                            const std::string& reference) {
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
  if (found == manifests.end()) return answer_error(exchange, 404, "MANIFEST_UNKNOWN");
  EXPECT_NE(field(exchange, "Accept").find(kDockerManifestType), std::string::npos);
  response.set_content_type(faults.manifest_type.empty() ? found->second.first
                                                         : faults.manifest_type);
  response.body() = faults.manifest_bytes ? *faults.manifest_bytes : found->second.second;
  if (faults.manifest_digest == "none") return;
  response.add_header("Docker-Content-Digest", faults.manifest_digest.empty()
                                                   ? base::Digest::of(found->second.second).text()
                                                   : faults.manifest_digest);
}

void TestRegistry::referrers(net::Exchange& exchange, const std::string& repository,
                             const std::string& subject) {
  if (!faults.lists_referrers) return answer_error(exchange, 404, "UNKNOWN");
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
void TestRegistry::tags(net::Exchange& exchange, const std::string& repository) {
  std::vector<std::string> all;
  for (const auto& [key, manifest] : manifests) {
    if (key.starts_with(repository + "@") && key.find(':') == std::string::npos) {
      all.push_back(key.substr(repository.size() + 1));
    }
  }
  const std::string last = value(exchange.head().query, "last");
  std::string list;
  std::string latest;
  std::size_t given = 0;
  bool more = false;
  for (const std::string& tag : all) {
    if (tag <= last) continue;
    more = given == 2;
    if (more) break;
    list += (list.empty() ? "\"" : ",\"") + tag + "\"";
    latest = tag;
    ++given;
  }
  exchange.response().body() = R"({"name":")" + repository + R"(","tags":[)" + list + "]}";
  if (!faults.tags_link.empty()) {
    exchange.response().add_header("Link", faults.tags_link);
  } else if (more) {
    exchange.response().add_header(
        "Link", "</v2/" + repository + "/tags/list?n=2&last=" + latest + ">; rel=\"next\"");
  }
}

}  // namespace oci
