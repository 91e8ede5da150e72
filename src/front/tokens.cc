#include "front/tokens.h"

#include <string>
#include <utility>
#include <variant>

namespace front {
namespace {

using auth::TokenFault;
using base::Code;
using base::Error;

telemetry::Counter& tokens_refused(telemetry::Metrics& metrics, std::string_view reason) {
  return metrics.counter("sooth_tokens_refused_total",
                         "Access tokens that were not accepted, or did not permit what was asked.",
                         {{"reason", std::string(reason)}});
}

Error not_accepted() { return {Code::Unauthenticated, "the token is not accepted"}; }
Error not_permitted() { return {Code::Denied, "the token does not permit this"}; }

}  // namespace

Tokens::Tokens(auth::TokenRules rules, telemetry::Metrics& metrics)
    : verifier_(std::move(rules)),
      era_(std::make_shared<const Era>()),
      not_permitted_(tokens_refused(metrics, "not_permitted")) {
  for (std::size_t i = 0; i < auth::kTokenFaults; ++i) {
    refused_[i] = &tokens_refused(metrics, auth::fault_name(static_cast<TokenFault>(i)));
  }
}

void Tokens::publish(std::shared_ptr<const auth::TokenKeys> keys) {
  era_.publish(std::make_shared<const Era>(Era{.keys = std::move(keys)}));
}

base::Result<void> Tokens::check(std::string_view token, std::string_view endpoint,
                                 auth::Scope scope, auth::Timestamp now) {
  const auto refuse = [this](TokenFault fault) {
    refused_[static_cast<std::size_t>(fault)]->add();
    if (fault == TokenFault::UnknownKey) unknown_.store(true, std::memory_order_relaxed);
    return fault == TokenFault::Overage ? not_permitted() : not_accepted();
  };
  if (token.size() > auth::kTokenBytesMax) return refuse(TokenFault::Malformed);
  const auto era = era_.read();
  if (era->keys == nullptr) return refuse(TokenFault::NoKeys);
  const base::Digest digest = base::Digest::of(token);
  TokenCache::Known known = era->cache->find(digest);
  if (known == nullptr) {
    auth::TokenVerdict verdict = verifier_.verify(token, *era->keys, now);
    if (const auto* const fault = std::get_if<TokenFault>(&verdict)) return refuse(*fault);
    known = std::make_shared<const auth::TokenIdentity>(
        std::move(*std::get_if<auth::TokenIdentity>(&verdict)));
    era->cache->keep(digest, known);
  }
  // What was right before may be over by now, and clocks may be set back.
  if (now >= known->valid_until) return refuse(TokenFault::Expired);
  if (now < known->valid_from) return refuse(TokenFault::NotYetValid);
  if (known->permits(endpoint, scope)) return {};
  not_permitted_.add();
  return not_permitted();
}

}  // namespace front
