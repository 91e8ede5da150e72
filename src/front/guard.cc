#include "front/guard.h"

#include <utility>

#include <fmt/format.h>

#include "auth/key.h"

namespace front {
namespace {

using base::Code;
using base::Error;

telemetry::Counter& refused(telemetry::Metrics& metrics, const char* reason) {
  return metrics.counter("sooth_keys_refused_total",
                         "Requests turned away for want of a key that permits them.",
                         {{"reason", reason}});
}

auth::Credential credential_of(const net::RequestHead& head) {
  auth::CredentialReader reader;
  for (const net::Header& header : head.headers) reader.see(header.name, header.value);
  return reader.credential();
}

}  // namespace

bool brings_credential(const net::RequestHead& head) {
  return credential_of(head).kind != auth::Credential::Kind::None;
}

Guard::Guard(const Keys* keys, Tokens* tokens, WallClock wall_now, telemetry::Metrics& metrics)
    : keys_(keys),
      tokens_(tokens),
      wall_now_(std::move(wall_now)),
      missing_(refused(metrics, "missing")),
      unclear_(refused(metrics, "unclear")),
      not_accepted_(refused(metrics, "not_accepted")),
      not_permitted_(refused(metrics, "not_permitted")) {}

base::Result<void> Guard::admit(Permission permission, std::string_view endpoint,
                                const net::RequestHead& head) const {
  if (permission.is_nobodys()) return Error(Code::Denied, "nobody may ask for this");
  if (permission.is_open() || !asks_for_credentials()) return {};
  const auth::Credential credential = credential_of(head);
  if (credential.kind == auth::Credential::Kind::None) {
    missing_.add();
    return expected("a");
  }
  if (credential.kind == auth::Credential::Kind::Unclear) {
    unclear_.add();
    return expected("one");
  }
  auto checked = check(credential, endpoint, permission.scope());
  if (checked.ok()) return {};
  (checked.error().code() == Code::Denied ? not_permitted_ : not_accepted_).add();
  return checked;
}

base::Result<void> Guard::check(const auth::Credential& credential, std::string_view endpoint,
                                auth::Scope scope) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(wall_now_());
  if (is_token(credential)) return tokens_->check(credential.text, endpoint, scope, now);
  if (keys_ == nullptr) return Error(Code::Unauthenticated, "the key is not accepted");
  auto identity = keys_->read()->check(credential.text, endpoint, scope, now);
  if (identity.ok()) return {};
  return std::move(identity).error();
}

base::Error Guard::expected(std::string_view count) const {
  if (keys_ == nullptr) {
    return {Code::Unauthenticated,
            fmt::format("expected {} token, as \"Authorization: Bearer\"", count)};
  }
  return {Code::Unauthenticated,
          fmt::format("expected {} key{}, as \"Authorization: Bearer\" or \"x-api-key\"", count,
                      tokens_ != nullptr ? " or token" : "")};
}

std::string_view Guard::challenge(const net::RequestHead& head) const {
  const auth::Credential credential = credential_of(head);
  const bool wrong = credential.kind == auth::Credential::Kind::Key && is_token(credential);
  return wrong ? "Bearer error=\"invalid_token\"" : "Bearer";
}

std::string caller_of(const net::RequestHead& head, std::string_view certified) {
  const auth::Credential credential = credential_of(head);
  if (const auto key = auth::PresentedKey::parse(credential.text)) return std::string(key->id);
  const std::string client = auth::token_client(credential.text);
  if (!client.empty()) return "token/" + client;
  return certified.empty() ? "" : fmt::format("certificate/{}", certified);
}

}  // namespace front
