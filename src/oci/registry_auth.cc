#include "oci/registry_auth.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "net/basic_authorization.h"
#include "net/request.h"
#include "oci/registry_refusal.h"
#include "oci/registry_retry.h"
#include "oci/token.h"

// The token protocol: distribution/docs/spec/auth/token.md and oauth.md of the registry project.

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kTokenAnswerBytesMax = 1 << 20;
constexpr std::int64_t kTokenMarginSeconds = 10;  // A token that ends while a request is under way.
constexpr std::string_view kClient = "sooth";

std::string form(const std::string& key, std::string_view value) {
  return "&" + key + "=" + net::percent_encode(value);
}

}  // namespace

RegistryAuth::RegistryAuth(const RegistryWorld& world, const RegistryOptions& options)
    : world_(world), options_(options) {}

base::Result<std::optional<Credentials>> RegistryAuth::credentials() {
  {
    auto state = state_.lock();
    if (state->credentials) return *state->credentials;
  }
  TRY_ASSIGN(std::optional<Credentials> found,
             world_.credentials(options_.host, options_.repository));
  state_.lock()->credentials = found;
  return found;
}

base::Result<std::string> RegistryAuth::authorization(const Scopes& scopes) {
  Challenge challenge;
  {
    auto state = state_.lock();
    if (!state->challenge) return std::string();
    challenge = *state->challenge;
    const auto token = state->tokens.find(scopes);
    if (challenge.scheme == "bearer" && token != state->tokens.end() &&
        world_.now() < token->second.ends) {
      return "Bearer " + token->second.value;
    }
  }
  if (challenge.scheme == "basic") {
    TRY_ASSIGN(const std::optional<Credentials> known, credentials());
    if (!known) return std::string();
    return net::basic_authorization(known->user, known->secret);
  }
  TRY_ASSIGN(Token token, fetch_token(challenge, scopes));
  std::string value = "Bearer " + token.value;
  state_.lock()->tokens.insert_or_assign(scopes, std::move(token));
  return value;
}

base::Result<void> RegistryAuth::take_challenge(const net::HttpResponse& response,
                                                const std::string& sent, const Scopes& scopes,
                                                int attempts) {
  TRY_ASSIGN(Challenge challenge, choose(response));
  const bool narrow = challenge.parameter("error") == "insufficient_scope";
  const bool basic = challenge.scheme == "basic";
  {
    auto state = state_.lock();
    state->challenge = std::move(challenge);
    const auto token = state->tokens.find(scopes);
    if (token != state->tokens.end() && sent == "Bearer " + token->second.value) {
      state->tokens.erase(token);
    }
  }
  TRY_ASSIGN(const std::optional<Credentials> known, credentials());
  const bool refused = basic && (!known || sent.starts_with("Basic "));
  if (attempts < 2 && !refused) return {};
  if (narrow && known) {
    return Error(Code::Denied,
                 fmt::format("registry {}: no permission for {}; ask its owner for it",
                             base::quote(options_.host), base::quote(options_.repository)));
  }
  return not_let_in(known.has_value());
}

base::Result<Challenge> RegistryAuth::choose(const net::HttpResponse& response) const {
  std::vector<Challenge> all;
  for (const auto& [name, value] : response.fields) {
    if (!net::same_name(name, "WWW-Authenticate")) continue;
    TRY_ASSIGN(std::vector<Challenge> some, parse_challenges(value));
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  for (const std::string_view scheme : {"bearer", "basic"}) {
    for (Challenge& each : all) {
      if (each.scheme == scheme) return std::move(each);
    }
  }
  return Error(
      Code::Unsupported,
      fmt::format(
          "registry {}: expected it to ask for Bearer or Basic, got {}", base::quote(options_.host),
          all.empty() ? "401 and no way to authenticate" : base::quote(all.front().scheme)));
}

Error RegistryAuth::not_let_in(bool with_credentials) const {
  return {Code::Unauthenticated,
          with_credentials
              ? fmt::format("registry {}: the credentials were refused; log in again with \"sooth "
                            "login {}\"",
                            base::quote(options_.host), options_.host)
              : fmt::format("registry {}: it asks for credentials and none are known; log in with "
                            "\"sooth login {}\"",
                            base::quote(options_.host), options_.host)};
}

base::Result<RegistryAuth::Token> RegistryAuth::fetch_token(const Challenge& challenge,
                                                            const Scopes& scopes) {
  const std::string where = fmt::format("token of registry {}", base::quote(options_.host));
  auto realm = net::Url::parse(challenge.parameter("realm"));
  if (!realm.ok()) return std::move(realm).error().within(where);
  const bool here = realm->origin.loopback() && options_.tls == false;
  if (!realm->origin.tls && !here) {
    return Error(Code::Denied, fmt::format("{}: expected its server to be https, got {}", where,
                                           base::quote(realm->display())));
  }
  TRY_ASSIGN(const std::optional<Credentials> known, credentials());
  const std::string& service = challenge.parameter("service");
  if (known && known->identity_token) {
    TRY_ASSIGN(const net::HttpResponse response, ask_by_post(*realm, service, scopes, *known));
    // Servers without OAuth2 know only the other form.
    if (response.status != 404 && response.status != 405)
      return read_token(response, known.has_value());
  }
  TRY_ASSIGN(const net::HttpResponse response, ask_by_get(*realm, service, scopes, known));
  return read_token(response, known.has_value());
}

base::Result<net::HttpResponse> RegistryAuth::ask_by_get(const net::Url& realm,
                                                         const std::string& service,
                                                         const Scopes& scopes,
                                                         const std::optional<Credentials>& known) {
  std::string query;
  if (!service.empty()) query += form("service", service);
  for (const std::string& scope : scopes) query += form("scope", scope);
  net::HttpRequest request{.url = realm, .answer_bytes_max = kTokenAnswerBytesMax};
  if (!query.empty()) {
    const bool has_query = realm.target.find('?') != std::string::npos;
    request.url.target += (has_query ? "" : "?") + query.substr(has_query ? 0 : 1);
  }
  if (known) {
    request.fields.emplace_back("Authorization",
                                net::basic_authorization(known->user, known->secret));
  }
  return send_with_retries(world_, options_, request);
}

base::Result<net::HttpResponse> RegistryAuth::ask_by_post(const net::Url& realm,
                                                          const std::string& service,
                                                          const Scopes& scopes,
                                                          const Credentials& known) {
  std::string all_scopes;
  for (const std::string& scope : scopes) all_scopes += (all_scopes.empty() ? "" : " ") + scope;
  std::string body =
      "grant_type=refresh_token" + form("client_id", kClient) + form("refresh_token", known.secret);
  if (!service.empty()) body += form("service", service);
  if (!all_scopes.empty()) body += form("scope", all_scopes);
  net::HttpRequest request{.method = "POST",
                           .url = realm,
                           .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                           .body = base::as_bytes(body),
                           .answer_bytes_max = kTokenAnswerBytesMax};
  return send_with_retries(world_, options_, request);
}

base::Result<RegistryAuth::Token> RegistryAuth::read_token(const net::HttpResponse& response,
                                                           bool with_credentials) const {
  const std::string where = fmt::format("token of registry {}", base::quote(options_.host));
  if (response.status == 401) {
    return not_let_in(with_credentials);
  }
  if (response.status != 200) return refusal(response, "a token").within(where);
  auto token = parse_token(response.body);
  if (!token.ok()) return std::move(token).error().within(where);
  const std::int64_t margin = std::min(kTokenMarginSeconds, token->seconds / 4);
  return Token{std::move(token->value),
               world_.now() + std::chrono::seconds(token->seconds - margin)};
}

}  // namespace oci
