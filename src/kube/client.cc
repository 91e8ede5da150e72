#include "kube/client.h"

#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/file.h"

namespace kube {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Json = Client::Json;

constexpr std::uint64_t kAnswerBytesMax = 64U << 20U;
constexpr std::uint64_t kTokenBytesMax = 64U << 10U;
constexpr int kPageItems = 500;
// A server may cut pages shorter than asked, but not without end.
constexpr int kPagesMax = 200;

std::string path_of(std::string_view target) {
  return std::string(target.substr(0, target.find('?')));
}

std::string with_query(const std::string& path, const std::string& query) {
  return path + (path.find('?') == std::string::npos ? "?" : "&") + query;
}

}  // namespace

Client::Client(net::HttpClient& http, Endpoint endpoint, Options options)
    : http_(http), endpoint_(std::move(endpoint)), options_(std::move(options)) {}

Result<net::HttpResponse> Client::send(const Forward& request) {
  net::HttpRequest sent;
  sent.method = request.method;
  sent.url = endpoint_.url;
  sent.url.target = request.path;
  sent.fields = request.fields;
  sent.body = std::as_bytes(std::span(request.body));
  sent.answer_bytes_max = kAnswerBytesMax;
  if (!endpoint_.token_file.empty()) {
    TRY_ASSIGN(const auto file, base::MappedFile::open(endpoint_.token_file, kTokenBytesMax));
    std::string token(base::as_text(file->bytes()));
    while (token.ends_with('\n')) token.pop_back();
    sent.fields.emplace_back("Authorization", "Bearer " + token);
  }
  auto answer = http_.send(sent, options_.now() + options_.call_time_max);
  if (answer.ok()) return answer;
  return std::move(answer).error().within(
      fmt::format("API server {}", endpoint_.url.origin.text()));
}

Result<net::HttpResponse> Client::forward(const Forward& request) { return send(request); }

Result<Json> Client::send_for_json(const Forward& request) {
  TRY_ASSIGN(const net::HttpResponse answer, send(request));
  const std::string doing = fmt::format("{} {}", request.method, path_of(request.path));
  if (answer.status < 200 || answer.status > 299) return refusal(doing, answer.status, answer.body);
  return read_object(doing, answer.body);
}

Result<Json> Client::get(const std::string& path) {
  return send_for_json(
      {.method = "GET", .path = path, .fields = {{"Accept", "application/json"}}, .body = {}});
}

Result<std::optional<Json>> Client::find(const std::string& path) {
  auto found = get(path);
  if (found.ok()) return std::optional(*std::move(found));
  if (found.error().code() == Code::NotFound) return std::optional<Json>();
  return std::move(found).error();
}

Result<std::vector<Json>> Client::list(const std::string& path, const std::string& label_selector) {
  std::vector<Json> items;
  std::string next;
  std::string query = fmt::format("limit={}", kPageItems);
  if (!label_selector.empty()) query += "&labelSelector=" + net::percent_encode(label_selector);
  for (int pages = 0; pages < kPagesMax; ++pages) {
    const std::string more = next.empty() ? "" : "&continue=" + net::percent_encode(next);
    TRY_ASSIGN(Json page, get(with_query(path, query + more)));
    TRY_ASSIGN(next, take_page("GET " + path, std::move(page), items));
    if (next.empty()) return items;
  }
  return Error(Code::Exhausted,
               fmt::format("GET {}: expected at most {} pages, got more", path, kPagesMax));
}

Result<Json> Client::apply(const std::string& path, std::string_view object,
                           const ApplyOptions& options) {
  std::string query = "fieldManager=" + net::percent_encode(options.field_manager);
  if (options.force) query += "&force=true";
  if (options.dry_run) query += "&dryRun=All";
  // JSON is YAML.
  return send_for_json(
      {.method = "PATCH",
       .path = with_query(path, query),
       .fields = {{"Accept", "application/json"}, {"Content-Type", "application/apply-patch+yaml"}},
       .body = object});
}

Result<void> Client::remove(const std::string& path, std::string_view propagation) {
  const std::string options =
      Json({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", propagation}})
          .dump();
  const auto gone = send_for_json(
      {.method = "DELETE",
       .path = path,
       .fields = {{"Accept", "application/json"}, {"Content-Type", "application/json"}},
       .body = options});
  if (!gone.ok() && gone.error().code() != Code::NotFound) return gone.error();
  return {};
}

Result<std::string> Client::text(const std::string& path) {
  TRY_ASSIGN(net::HttpResponse answer,
             send({.method = "GET", .path = path, .fields = {}, .body = {}}));
  if (answer.status < 200 || answer.status > 299) {
    return refusal("GET " + path_of(path), answer.status, answer.body);
  }
  return std::move(answer.body);
}

}  // namespace kube
