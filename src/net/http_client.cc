#include "net/http_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "net/client_connection.h"
#include "net/request.h"
#include "net/resolver.h"
#include "net/response_parser.h"

namespace net {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kOriginsKeptMax = 64;

// What may be sent again when a kept connection turns out to be gone (RFC 9110, section 9.2.2).
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS";
}

bool has_body(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

}  // namespace

HttpClient::HttpClient(Options options, std::shared_ptr<TlsTrust> trust)
    : options_(std::move(options)),
      trust_(std::move(trust)),
      resolver_(std::make_unique<Resolver>()) {}

HttpClient::~HttpClient() = default;

base::Result<HttpResponse> HttpClient::send(const HttpRequest& request, Deadline deadline) {
  const std::string doing = fmt::format("{} {}", request.method, request.url.display());
  const Patience patience{.deadline = deadline,
                          .connect_time_max = options_.connect_time_max,
                          .idle_time_max = options_.idle_time_max,
                          .cancelled = request.cancelled};
  TRY(check_request(request));
  auto outcome = exchange(request, patience);
  if (!outcome.ok()) return std::move(outcome).error().within(doing);
  return outcome;
}

base::Result<HttpResponse> HttpClient::exchange(const HttpRequest& request,
                                                const Patience& patience) {
  const Origin& origin = request.url.origin;
  const std::string head = format_head(request);
  if (Connection kept = take_kept(origin); kept != nullptr) {
    ResponseParser parser(request);
    auto outcome = kept->exchange(head, request.body, parser, patience);
    if (outcome.ok()) {
      keep(origin, std::move(kept));
      return std::move(parser.response());
    }
    // The other side may have ended it just as this request came.
    const bool gone = !parser.started() && outcome.error().code() == Code::Unavailable;
    if (!gone || !is_idempotent(request.method)) return std::move(outcome).error();
  }
  TRY_ASSIGN(Connection connection, open(origin, patience));
  ResponseParser parser(request);
  TRY(connection->exchange(head, request.body, parser, patience));
  keep(origin, std::move(connection));
  return std::move(parser.response());
}

base::Result<HttpClient::Connection> HttpClient::open(const Origin& origin,
                                                      const Patience& patience) {
  const bool through_proxy = options_.proxy && origin.tls && !origin.loopback() &&
                             !bypasses_proxy(origin.host, options_.proxy->bypass);
  TRY_ASSIGN(Connection connection,
             connect(through_proxy ? options_.proxy->url.origin : origin, patience));
  if (through_proxy) TRY(ask_proxy(*connection, origin, patience));
  if (!origin.tls) return connection;
  if (trust_ == nullptr) {
    return Error(Code::Invalid, "TLS: expected authorities to believe, got none");
  }
  TRY(connection->start_tls(trust_, origin.host, patience));
  return connection;
}

base::Result<HttpClient::Connection> HttpClient::connect(const Origin& origin,
                                                         const Patience& patience) {
  TRY_ASSIGN(const auto addresses,
             resolver_->resolve(origin.host, patience.deadline, patience.cancelled));
  std::vector<ClientConnection::Endpoint> endpoints;
  for (const auto& address : addresses) endpoints.emplace_back(address, origin.port);
  return ClientConnection::connect(endpoints, patience);
}

base::Result<void> HttpClient::ask_proxy(ClientConnection& connection, const Origin& origin,
                                         const Patience& patience) {
  const bool v6 = origin.host.find(':') != std::string::npos;
  const std::string target =
      fmt::format("{}{}{}:{}", v6 ? "[" : "", origin.host, v6 ? "]" : "", origin.port);
  HttpRequest request;
  request.method = "CONNECT";
  std::string head = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", target, target);
  const std::string& authorization = options_.proxy->authorization;
  if (!authorization.empty()) {
    request.fields.emplace_back("Proxy-Authorization", authorization);
    TRY(check_request(request));
    head += fmt::format("Proxy-Authorization: {}\r\n", authorization);
  }
  ResponseParser parser(request);
  auto outcome = connection.exchange(head + "\r\n", {}, parser, patience);
  const std::string where = fmt::format("proxy {}", options_.proxy->url.origin.text());
  if (!outcome.ok()) return std::move(outcome).error().within(where);
  const int status = parser.response().status;
  if (status / 100 == 2) return {};
  if (status == 407) {
    return Error(Code::Unauthenticated, where + ": it asks for other credentials (407)");
  }
  return Error(Code::Unavailable,
               fmt::format("{}: expected a way to {}, got status {}", where, target, status));
}

std::string HttpClient::format_head(const HttpRequest& request) const {
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method,
                                 request.url.target, request.url.origin.authority());
  if (!options_.user_agent.empty()) {
    head += fmt::format("User-Agent: {}\r\n", options_.user_agent);
  }
  for (const auto& [name, value] : request.fields) head += fmt::format("{}: {}\r\n", name, value);
  if (has_body(request)) head += fmt::format("Content-Length: {}\r\n", request.body.size());
  return head + "\r\n";
}

HttpClient::Connection HttpClient::take_kept(const Origin& origin) {
  auto kept = kept_.lock();
  const auto at = kept->find(origin);
  if (at == kept->end()) return nullptr;
  const auto now = std::chrono::steady_clock::now();
  while (!at->second.empty()) {
    Kept last = std::move(at->second.back());
    at->second.pop_back();
    const bool fresh = now - last.since < options_.keep_time_max && !last.connection->stale();
    if (fresh) return std::move(last.connection);
  }
  kept->erase(at);
  return nullptr;
}

void HttpClient::keep(const Origin& origin, Connection connection) {
  if (!connection->reusable()) return;
  auto kept = kept_.lock();
  if (kept->size() >= kOriginsKeptMax) kept->erase(kept->begin());
  auto& of_origin = (*kept)[origin];
  if (of_origin.size() >= options_.kept_per_origin) return;
  of_origin.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

bool bypasses_proxy(const std::string& host, const std::vector<std::string>& bypass) {
  return std::any_of(bypass.begin(), bypass.end(), [&host](const std::string& each) {
    if (each == "*") return true;
    if (each.empty()) return false;
    const std::string_view domain = std::string_view(each).substr(each.front() == '.' ? 1 : 0);
    if (same_name(host, domain)) return true;
    if (host.size() <= domain.size()) return false;
    const std::size_t at = host.size() - domain.size();
    return host[at - 1] == '.' && same_name(std::string_view(host).substr(at), domain);
  });
}

}  // namespace net
