#include "kube/client.h"

#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"

namespace kube {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Json = Client::Json;

constexpr std::uint64_t kAnswerBytesMax = 64U << 20U;
constexpr std::uint64_t kTokenBytesMax = 64U << 10U;
constexpr std::size_t kMessageBytesMax = 600;
constexpr int kPageItems = 500;
// Objects of Kubernetes nest a dozen levels; the parser recurses for each.
constexpr int kDepthMax = 200;

Code code_of(int status) {
  switch (status) {
    case 400:
    case 422: return Code::Invalid;
    case 401: return Code::Unauthenticated;
    case 403: return Code::Denied;
    case 404: return Code::NotFound;
    case 409: return Code::Conflict;
    case 429: return Code::Exhausted;
    case 504: return Code::Deadline;
    default: return status >= 500 ? Code::Unavailable : Code::Invalid;
  }
}

Json parse(std::string_view text) {
  bool deep = false;
  const Json::parser_callback_t bounded = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kDepthMax;
    return !deep;
  };
  Json value = Json::parse(text, bounded, false);
  return deep ? Json(Json::value_t::discarded) : value;
}

std::string text_at(const Json& value, const char* key) {
  const auto at = value.is_object() ? value.find(key) : value.end();
  return value.is_object() && at != value.end() && at->is_string() ? at->get<std::string>() : "";
}

std::string path_of(std::string_view target) {
  return std::string(target.substr(0, target.find('?')));
}

std::string with_query(const std::string& path, const std::string& query) {
  return path + (path.find('?') == std::string::npos ? "?" : "&") + query;
}

}  // namespace

Error refusal(std::string_view doing, int status, std::string_view body) {
  const Json answer = parse(body);
  std::string message = text_at(answer, "message");
  if (message.empty()) message = std::string(body.substr(0, body.find('\n')));
  if (message.empty()) message = "no reason given";
  if (message.size() > kMessageBytesMax) message = message.substr(0, kMessageBytesMax) + "...";
  return {code_of(status), fmt::format("{}: the API server answers {}: {}", doing, status,
                                       base::printable(message))};
}

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
  Json value = parse(answer.body);
  if (value.is_discarded() || !value.is_object()) {
    return Error(Code::Corrupt, fmt::format("{}: expected a JSON object", doing));
  }
  return value;
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
  do {
    const std::string more = next.empty() ? "" : "&continue=" + net::percent_encode(next);
    TRY_ASSIGN(Json page, get(with_query(path, query + more)));
    const auto listed = page.find("items");
    if (listed == page.end() || !listed->is_array()) {
      return Error(Code::Corrupt, fmt::format("GET {}: expected a list of objects", path));
    }
    std::string kind = text_at(page, "kind");
    if (kind.ends_with("List")) kind.resize(kind.size() - 4);
    for (Json& item : *listed) {
      if (!item.is_object()) continue;
      item["apiVersion"] = text_at(page, "apiVersion");
      item["kind"] = kind;
      items.push_back(std::move(item));
    }
    if (items.size() > kListMax) {
      return Error(Code::Exhausted,
                   fmt::format("GET {}: expected at most {} objects, got more", path, kListMax));
    }
    next = page.contains("metadata") ? text_at(page["metadata"], "continue") : "";
  } while (!next.empty());
  return items;
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
