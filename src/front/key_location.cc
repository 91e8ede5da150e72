#include "front/key_location.h"

#include <utility>

#include <fmt/format.h>

#include "auth/claims.h"
#include "auth/discovery.h"
#include "base/text.h"

namespace front {
namespace {

using base::Code;
using base::Error;
using base::Result;

Result<net::Url> parse_safe_url(std::string_view text) {
  TRY_ASSIGN(net::Url url, net::Url::parse(text));
  if (!url.origin.tls && !url.origin.loopback()) {
    return Error(Code::Invalid,
                 fmt::format("URL {}: expected https://, since keys decide who is let in",
                             base::quote(url.display())));
  }
  return url;
}

Result<std::string> fetch(net::HttpClient& client, const net::Url& url, std::size_t bytes_max,
                          std::chrono::steady_clock::time_point deadline) {
  net::HttpRequest request;
  request.url = url;
  request.fields = {{"Accept", "application/json"}};
  request.answer_bytes_max = bytes_max;
  TRY_ASSIGN(net::HttpResponse answer, client.send(request, deadline));
  if (answer.status != 200) {
    const bool elsewhere = answer.status / 100 == 3;
    return Error(Code::Unavailable,
                 fmt::format("GET {}: expected status 200, got {}{}", url.display(), answer.status,
                             elsewhere ? "; redirects are not followed" : ""));
  }
  return std::move(answer.body);
}

Result<net::Url> discover(net::HttpClient& client, const KeyDiscovery& discovery,
                          std::chrono::steady_clock::time_point deadline) {
  const net::Url& from = discovery.description;
  TRY_ASSIGN(const std::string text, fetch(client, from, auth::kDiscoveryBytesMax, deadline));
  auto named = auth::parse_discovery(text, discovery.issuer);
  if (!named.ok()) return std::move(named).error().within("GET " + from.display());
  auto keys = parse_safe_url(*named);
  if (!keys.ok()) return std::move(keys).error().within("GET " + from.display() + ": jwks_uri");
  if (keys->origin != from.origin) {
    return Error(Code::Denied,
                 fmt::format("GET {}: jwks_uri {}: expected one at {}; name the URL of the keys "
                             "with --jwt-keys where this is right",
                             from.display(), base::quote(keys->display()), from.origin.text()));
  }
  return keys;
}

}  // namespace

Result<KeyLocation> parse_key_location(std::string_view issuer, std::string_view keys) {
  if (keys.starts_with("https://") || keys.starts_with("http://")) {
    TRY_ASSIGN(net::Url url, parse_safe_url(keys));
    return KeyLocation(KeyUrl{std::move(url)});
  }
  if (!keys.empty()) return KeyLocation(KeyFile{std::string(keys)});
  if (issuer.find(auth::kTenantMark) != std::string_view::npos) {
    return Error(Code::Invalid,
                 fmt::format("issuer {}: expected the URL of its keys, since an issuer of many "
                             "tenants cannot be asked for it",
                             base::quote(issuer)));
  }
  auto description = parse_safe_url(auth::discovery_url(issuer));
  if (!description.ok()) {
    return std::move(description).error().within(fmt::format("issuer {}", base::quote(issuer)));
  }
  return KeyLocation(KeyDiscovery{std::string(issuer), *std::move(description)});
}

Result<auth::TokenKeys> fetch_token_keys(net::HttpClient& client, const KeyLocation& location,
                                         std::chrono::steady_clock::time_point deadline) {
  net::Url url;
  if (const auto* const discovery = std::get_if<KeyDiscovery>(&location)) {
    TRY_ASSIGN(url, discover(client, *discovery, deadline));
  } else {
    url = std::get_if<KeyUrl>(&location)->url;
  }
  TRY_ASSIGN(const std::string text, fetch(client, url, auth::kTokenKeysBytesMax, deadline));
  auto keys = auth::TokenKeys::parse(text);
  if (!keys.ok()) return std::move(keys).error().within("GET " + url.display());
  return keys;
}

}  // namespace front
