#include "oci/registry_transport.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

bool is_redirect(const net::HttpResponse& response, const std::string& method) {
  const int status = response.status;
  if (status == 307 || status == 308) return true;
  // Here other methods would become GET.
  return (status == 301 || status == 302 || status == 303) && (method == "GET" || method == "HEAD");
}

}  // namespace

RegistryTransport::RegistryTransport(const RegistryWorld& world, const RegistryOptions& options,
                                     net::Origin origin)
    : world_(world), options_(options), origin_(std::move(origin)), auth_(world_, options_) {}

net::Url RegistryTransport::url(std::string_view below) const {
  return {.origin = origin_, .target = fmt::format("/v2/{}/{}", options_.repository, below)};
}

Scopes RegistryTransport::scopes(std::string_view actions) const {
  return {fmt::format("repository:{}:{}", options_.repository, actions)};
}

base::Result<net::Url> RegistryTransport::follow(const net::Url& from,
                                                 const net::HttpResponse& response,
                                                 std::string_view field) const {
  const std::string where = fmt::format("registry {}", base::quote(options_.host));
  const auto value = response.field(field);
  if (!value) {
    return Error(Code::Corrupt, fmt::format("{}: expected {} in its answer (status {}), got none",
                                            where, field, response.status));
  }
  auto to = from.resolve(*value);
  if (!to.ok()) return std::move(to).error().within(fmt::format("{}: {}", where, field));
  if (from.origin.tls && !to->origin.tls) {
    return Error(Code::Denied, fmt::format("{}: {} leads from https to {}", where, field,
                                           base::quote(to->display())));
  }
  if (!to->origin.tls && !to->origin.loopback()) {
    return Error(Code::Denied, fmt::format("{}: {}: expected https, got {}", where, field,
                                           base::quote(to->display())));
  }
  return to;
}

base::Result<net::HttpResponse> RegistryTransport::send(const RegistryRequest& request) {
  net::Url url = request.url;
  for (int redirects = 0; redirects <= kRedirectsMax; ++redirects) {
    TRY_ASSIGN(net::HttpResponse response, send_to(request, url));
    if (!is_redirect(response, request.method)) return response;
    TRY_ASSIGN(url, follow(url, response, "Location"));
  }
  return Error(
      Code::Corrupt,
      fmt::format("registry {}: expected at most {} redirects from {}, got more",
                  base::quote(options_.host), kRedirectsMax, base::quote(request.url.display())));
}

// With credentials where they belong.
base::Result<net::HttpResponse> RegistryTransport::send_to(const RegistryRequest& request,
                                                           const net::Url& url) {
  const bool own = url.origin == origin_;
  for (int attempts = 1;; ++attempts) {
    std::string authorization;
    if (own) {
      TRY_ASSIGN(authorization, auth_.authorization(request.scopes));
    }
    TRY_ASSIGN(net::HttpResponse response, send_once(request, url, authorization));
    if (response.status != 401 || !own) return response;
    TRY(auth_.take_challenge(response, authorization, request.scopes, attempts));
  }
}

base::Result<net::HttpResponse> RegistryTransport::send_once(const RegistryRequest& request,
                                                             const net::Url& url,
                                                             const std::string& authorization) {
  net::HttpRequest sent{.method = request.method,
                        .url = url,
                        .fields = request.fields,
                        .body = request.body,
                        .answer_bytes_max = request.answer_bytes_max,
                        .sink = request.sink};
  if (!authorization.empty()) sent.fields.emplace_back("Authorization", authorization);
  if (request.on_head) {
    sent.on_head = [&request](const net::HttpResponse& head) {
      return head.status / 100 == 2 ? request.on_head(head) : base::Result<void>();
    };
  }
  if (request.repeatable) return send_with_retries(world_, options_, sent);
  return world_.http.send(sent, options_.deadline);
}

}  // namespace oci
