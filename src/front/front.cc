#include "front/front.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "auth/key.h"
#include "base/status.h"
#include "base/text.h"
#include "contract/grpc_services.h"
#include "contract/media_type.h"
#include "front/bodies.h"
#include "front/deadline.h"
#include "front/description.h"
#include "front/failure.h"
#include "front/manage.h"
#include "front/request_names.h"
#include "front/request_route.h"
#include "front/target.h"

namespace front {
namespace {

using contract::Action;
using contract::Route;

// Some clients send one where none is looked at.
constexpr std::uint64_t kGetBodyBytesMax = 1 << 10;
// The filter of a repository's index.
constexpr std::uint64_t kIndexBodyBytesMax = 4 << 10;
// The parameters of a load.
constexpr std::uint64_t kLoadBodyBytesMax = 64 << 10;
// The name of a service, which is kept as long as it is watched.
constexpr std::uint64_t kWatchBytesMax = 1 << 10;
constexpr std::string_view kNoSharedMemory =
    "shared memory: there is none here; send the tensors' data in the request";

bool is_get(net::Method method) {
  return method == net::Method::Get || method == net::Method::Head;
}

std::uint64_t body_bytes_max(const Route& route, const BodyOptions& bodies) {
  if (route.action == Action::OipIndex) return kIndexBodyBytesMax;
  if (route.manages()) return kLoadBodyBytesMax;
  return route.is_post() ? bodies.bytes_max : kGetBodyBytesMax;
}

telemetry::Refused reason_of(int status) {
  if (status == 413 || status == 414 || status == 431) return telemetry::Refused::TooLarge;
  if (status == 503) return telemetry::Refused::NotReady;
  return telemetry::Refused::Malformed;
}

contract::Kind kind_of(const serve::Endpoint& endpoint) {
  const auto deployment = endpoint.deployment();
  if (deployment == nullptr) return contract::Kind::Rows;
  if (deployment->offer().is_tensors()) {
    return deployment->offer().takes_tables() ? contract::Kind::Matrix : contract::Kind::Tensors;
  }
  return deployment->offer().is_image() ? contract::Kind::Pictures : contract::Kind::Rows;
}

}  // namespace

Front::Front(const serve::Endpoints& endpoints, telemetry::Metrics& metrics,
             serve::WorkQueue& queue, FrontOptions options)
    : endpoints_(endpoints),
      metrics_(metrics),
      options_(std::move(options)),
      door_(endpoints_, options_, metrics_),
      dispatcher_(options_, queue),
      health_(endpoints_, options_.loader, door_) {}

net::Admission Front::admit(const net::RequestHead& head, net::Response& refusal) {
  const Route route = route_of(head, options_);
  if (route.is_grpc()) return admit_call(route, head, refusal);
  const auto refuse = [&](int status, std::string_view message) {
    write_refusal(route.protocol, status, message, refusal);
    add_request_id(find_names(head, options_.sampler, options_.random), refusal);
    return net::Admission::refuse();
  };
  if (route.action == Action::NotFound) {
    return refuse(404, fmt::format("path {}: there is nothing here", base::quote(head.path)));
  }
  if (route.action == Action::OipSharedMemory) return refuse(501, kNoSharedMemory);
  if (route.is_post() ? head.method != net::Method::Post : !is_get(head.method)) {
    const std::string_view allowed = route.is_post() ? "POST" : "GET, HEAD";
    refusal.add_header("Allow", allowed);
    return refuse(405,
                  fmt::format("method {}: expected {}", net::method_name(head.method), allowed));
  }
  if (const auto permitted = door_.permit(route, head, refusal); !permitted.ok()) {
    const base::Code code = permitted.error().code();
    if (code == base::Code::Unauthenticated) {
      refusal.add_header("WWW-Authenticate", door_.challenge(head));
    }
    return refuse(base::status_of(code).http, permitted.error().message());
  }
  std::shared_ptr<const serve::Endpoint> endpoint;
  if (route.needs_endpoint()) {
    auto target = find_target(route, head, endpoints_, options_.loader);
    if (!target.ok()) {
      return refuse(base::status_of(target.error().code()).http, target.error().message());
    }
    endpoint = std::move(target->endpoint);
  }
  auto paced = door_.pace_key(route, head, endpoint.get(), refusal);
  if (paced.ok()) paced = door_.pace_endpoint(route, endpoint.get(), refusal);
  if (!paced.ok()) {
    return refuse(base::status_of(paced.error().code()).http, paced.error().message());
  }
  const std::string_view type = head.header("content-type").value_or("");
  if (route.action == Action::Score) {
    const contract::Kind kind = kind_of(*endpoint);
    if (!contract::takes_type(route.form, type, kind)) {
      endpoint->metrics().refused(telemetry::Refused::Malformed);
      return refuse(415, fmt::format("Content-Type {}: expected {}", base::quote(type),
                                     contract::types_of(route.form, kind)));
    }
  }
  return net::Admission::accept(body_bytes_max(route, options_.bodies));
}

// A call names its endpoint in its messages: here it needs a credential that permits this of some
// endpoint, and handle_call asks again when it knows which.
net::Admission Front::admit_call(const Route& route, const net::RequestHead& head,
                                 net::Response& refusal) {
  if (route.action == Action::NotFound || head.method != net::Method::Post) {
    refuse_call(base::Code::Unsupported,
                fmt::format("method {}: there is none of this name", base::quote(head.path)),
                refusal);
    return net::Admission::refuse();
  }
  if (route.action == Action::OipSharedMemory) {
    refuse_call(base::Code::Unsupported, kNoSharedMemory, refusal);
    return net::Admission::refuse();
  }
  Route some = route;
  if (route.needs_endpoint() || route.manages()) some.endpoint = auth::kSomeEndpoint;
  auto permitted = door_.permit(some, head, refusal);
  if (permitted.ok()) permitted = door_.pace_key(route, head, nullptr, refusal);
  if (!permitted.ok()) {
    refuse_call(permitted.error().code(), permitted.error().message(), refusal);
    return net::Admission::refuse();
  }
  if (route.action == Action::HealthWatch) return admit_watch(head, refusal);
  return net::Admission::accept_messages(options_.bodies.bytes_max, !route.streams);
}

// It lasts as long as the client wants, unless that says how long.
net::Admission Front::admit_watch(const net::RequestHead& head, net::Response& refusal) const {
  const auto time = asked_time(head);
  if (!time.ok()) {
    refuse_call(time.error().code(), time.error().message(), refusal);
    return net::Admission::refuse();
  }
  std::optional<std::chrono::steady_clock::time_point> until;
  if (*time) {
    until =
        options_.now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(**time);
  }
  return net::Admission::accept_followed(kWatchBytesMax, until);
}

// What Watch is answered changes with what there is to be served, and when that ends.
std::uint64_t Front::revision() const {
  const std::uint64_t loads = options_.loader == nullptr ? 0 : options_.loader->changes();
  return endpoints_.changes() + loads + (draining_ ? 1 : 0);
}

void Front::handle(net::Exchange& exchange) {
  const Route route = route_of(exchange.head(), options_);
  if (route.is_grpc()) return handle_call(route, exchange);
  if (route.manages()) return manage(route, options_.loader, exchange);
  if (route.action != Action::Score) {
    describe(route, exchange);
    exchange.finish();
    return;
  }
  // Between admit() and now the endpoint may have gone.
  auto target = find_target(route, exchange.head(), endpoints_, options_.loader);
  if (!target.ok()) {
    write_failure(route, target.error(), exchange.response());
    exchange.finish();
    return;
  }
  dispatcher_.score_or_queue(route, *std::move(target), exchange);
}

// One message of a gRPC call, which says what endpoint it is about.
void Front::handle_call(Route route, net::Exchange& exchange) {
  std::string version;
  contract::read_grpc_target(route, exchange.body(), version);
  const auto target = [&]() -> base::Result<Target> {
    if (!route.needs_endpoint() && !route.manages()) return Target{};
    TRY(door_.permit(route, exchange.head(), exchange.response()));
    if (route.manages()) return Target{};
    TRY_ASSIGN(Target found, find_target(route, exchange.head(), endpoints_, options_.loader));
    // The call was counted when it began.
    if (route.streams) {
      TRY(door_.pace_key(route, exchange.head(), found.endpoint.get(), exchange.response()));
    }
    TRY(door_.pace_endpoint(route, found.endpoint.get(), exchange.response()));
    return found;
  }();
  if (!target.ok()) {
    write_failure(route, target.error(), exchange.response());
  } else if (route.action == Action::Score) {
    return dispatcher_.score_or_queue(route, *target, exchange);
  } else if (route.manages()) {
    return manage(route, options_.loader, exchange);
  } else if (route.asks_health()) {
    const auto answered = health_.answer(route, !draining_, exchange);
    if (!answered.ok()) write_failure(route, answered.error(), exchange.response());
  } else {
    describe(route, exchange);
  }
  exchange.finish();
}

void Front::describe(const Route& route, net::Exchange& exchange) {
  net::Response& response = exchange.response();
  Target target;
  if (route.needs_endpoint()) {
    auto found = find_target(route, exchange.head(), endpoints_, options_.loader);
    if (!found.ok()) return write_failure(route, found.error(), response);
    target = *std::move(found);
  }
  const Described described{.endpoints = endpoints_,
                            .metrics = metrics_,
                            .program_version = options_.version,
                            .ready = !draining_,
                            .asks_for_keys = door_.asks_for_credentials(),
                            .endpoint = target.endpoint.get(),
                            .deployment = target.deployment.get(),
                            .loader = options_.loader};
  const auto written = write_description(route, described, exchange.body(), response);
  if (!written.ok()) write_failure(route, written.error(), response);
}

void Front::refuse(const net::Refusal& refusal, net::Response& response) {
  Route route;
  if (refusal.head != nullptr) route = route_of(*refusal.head, options_);
  if (const auto endpoint = endpoints_.find(route.endpoint)) {
    endpoint->metrics().refused(reason_of(refusal.status));
  }
  write_refusal(route.protocol, refusal.status, refusal.message, response);
}

}  // namespace front
