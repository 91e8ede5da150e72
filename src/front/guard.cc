#include "front/guard.h"

#include <utility>

#include "auth/credential.h"
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

Guard::Guard(const Keys* keys, WallClock wall_now, telemetry::Metrics& metrics)
    : keys_(keys),
      wall_now_(std::move(wall_now)),
      missing_(refused(metrics, "missing")),
      unclear_(refused(metrics, "unclear")),
      not_accepted_(refused(metrics, "not_accepted")),
      not_permitted_(refused(metrics, "not_permitted")) {}

base::Result<void> Guard::admit(Permission permission, std::string_view endpoint,
                                const net::RequestHead& head) const {
  if (permission.is_nobodys()) return Error(Code::Denied, "nobody may ask for this");
  if (permission.is_open() || keys_ == nullptr) return {};
  const auth::Credential credential = credential_of(head);
  if (credential.kind == auth::Credential::Kind::None) {
    missing_.add();
    return Error(Code::Unauthenticated,
                 "expected a key, as \"Authorization: Bearer\" or \"x-api-key\"");
  }
  if (credential.kind == auth::Credential::Kind::Unclear) {
    unclear_.add();
    return Error(Code::Unauthenticated,
                 "expected one key, as \"Authorization: Bearer\" or \"x-api-key\"");
  }
  const auto keys = keys_->read();
  const auto now = std::chrono::floor<std::chrono::seconds>(wall_now_());
  auto identity = keys->check(credential.text, endpoint, permission.scope(), now);
  if (identity.ok()) return {};
  (identity.error().code() == Code::Denied ? not_permitted_ : not_accepted_).add();
  return std::move(identity).error();
}

std::string_view key_id_of(const net::RequestHead& head) {
  const auto key = auth::PresentedKey::parse(credential_of(head).text);
  return key ? key->id : std::string_view();
}

}  // namespace front
