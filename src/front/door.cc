#include "front/door.h"

#include <chrono>
#include <functional>
#include <utility>

#include "auth/key.h"
#include "auth/scope.h"
#include "front/failure.h"
#include "front/permission.h"

namespace front {
namespace {

using contract::Route;

Throttle::Options with_clock(Throttle::Options options,
                             std::function<std::chrono::steady_clock::time_point()> now) {
  options.now = std::move(now);
  return options;
}

}  // namespace

Door::Door(const serve::Endpoints& endpoints, const FrontOptions& options,
           telemetry::Metrics& metrics)
    : endpoints_(endpoints),
      guard_(options.keys, options.tokens, options.wall_now, metrics),
      throttle_(with_clock(options.throttle, options.now), metrics) {}

base::Result<void> Door::permit(const Route& route, const net::RequestHead& head,
                                net::Response& response) {
  const Permission permission = permission_of(route.action);
  if (permission.is_open()) return {};
  const auto endpoint = endpoints_.find(route.endpoint);
  // By name: who may not know an endpoint does not learn whether it is there.
  std::string_view name = route.endpoint;
  if (name.empty()) name = endpoint != nullptr ? endpoint->name() : auth::kEveryEndpoint;
  if (auto wait = throttle_.wait_of_source(head.source)) {
    return hold_back(route, *std::move(wait), endpoint.get(), response);
  }
  auto permitted = guard_.admit(permission, name, head);
  // Where no key is asked for, a page of anybody's in a browser on this machine could ask.
  const bool from_page = head.header("origin").has_value() && !guard_.asks_for_credentials();
  if (permitted.ok() && permission.scope() == auth::Scope::Manage && from_page) {
    permitted = base::Error(base::Code::Denied,
                            "origin: expected no web page to ask for this without a key; start the "
                            "server without --open");
  }
  if (!permitted.ok() && permitted.error().code() == base::Code::Unauthenticated) {
    throttle_.count_refused(head.source);
  }
  if (!permitted.ok() && endpoint != nullptr) {
    endpoint->metrics().refused(permitted.error().code() == base::Code::Denied
                                    ? telemetry::Refused::Denied
                                    : telemetry::Refused::Unauthenticated);
  }
  return permitted;
}

base::Result<void> Door::pace_key(const Route& route, const net::RequestHead& head,
                                  const serve::Endpoint* endpoint, net::Response& response) {
  const bool keyless = permission_of(route.action).is_open() || !guard_.asks_for_credentials();
  if (keyless || !throttle_.limits_keys()) return {};
  auto wait = throttle_.take_key(caller_of(head, ""));
  if (!wait) return {};
  return hold_back(route, *std::move(wait), endpoint, response);
}

base::Result<void> Door::pace_endpoint(const Route& route, const serve::Endpoint* endpoint,
                                       net::Response& response) {
  if (endpoint == nullptr) return {};
  auto wait = throttle_.take_endpoint(endpoint->name());
  if (!wait) return {};
  return hold_back(route, *std::move(wait), endpoint, response);
}

base::Error Door::hold_back(const Route& route, Throttle::Wait wait,
                            const serve::Endpoint* endpoint, net::Response& response) {
  if (endpoint != nullptr) endpoint->metrics().refused(telemetry::Refused::RateLimited);
  add_retry(route, wait.error, wait.retry_after, response);
  return std::move(wait.error);
}

}  // namespace front
