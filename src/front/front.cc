#include "front/front.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/status.h"
#include "base/text.h"
#include "contract/codec.h"
#include "contract/grpc_services.h"
#include "contract/media_type.h"
#include "front/bodies.h"
#include "front/deadline.h"
#include "front/description.h"
#include "front/failure.h"
#include "front/urgency.h"

namespace front {
namespace {

using contract::Action;
using contract::Protocol;
using contract::Route;

// Some clients send one where none is looked at.
constexpr std::uint64_t kGetBodyBytesMax = 1 << 10;
// The filter of a repository's index.
constexpr std::uint64_t kIndexBodyBytesMax = 4 << 10;
// The parameters of a load.
constexpr std::uint64_t kLoadBodyBytesMax = 64 << 10;
constexpr std::string_view kNoSharedMemory =
    "shared memory: there is none here; send the tensors' data in the request";
constexpr std::string_view kDeploymentField = "azureml-model-deployment";

bool is_get(net::Method method) {
  return method == net::Method::Get || method == net::Method::Head;
}

telemetry::Refused reason_of(int status) {
  if (status == 413 || status == 414 || status == 431) return telemetry::Refused::TooLarge;
  if (status == 503) return telemetry::Refused::NotReady;
  return telemetry::Refused::Malformed;
}

// How a reason is counted; one that is the client's own is not.
std::optional<telemetry::Refused> refused_as(serve::Reason reason) {
  switch (reason) {
    case serve::Reason::QueueFull:
    case serve::Reason::WaitTooLong: return telemetry::Refused::QueueFull;
    case serve::Reason::TooLate:
    case serve::Reason::Expired: return telemetry::Refused::TooLate;
    case serve::Reason::Stopping: return telemetry::Refused::NotReady;
    case serve::Reason::Abandoned: break;
  }
  return std::nullopt;
}

Throttle::Options with_clock(Throttle::Options options,
                             std::function<std::chrono::steady_clock::time_point()> now) {
  options.now = std::move(now);
  return options;
}

// Server-Timing, in milliseconds, for who asks.
void add_timing(const net::RequestHead& head, const Scoring& scoring,
                std::chrono::nanoseconds queued, net::Response& response) {
  if (!head.header("x-server-timing")) return;
  const auto ms = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  response.add_header(
      "Server-Timing",
      fmt::format("parse;dur={:.3f}, queue;dur={:.3f}, compute;dur={:.3f}, write;dur={:.3f}",
                  ms(scoring.times.decode), ms(queued), ms(scoring.times.compute),
                  ms(scoring.times.encode)));
}

}  // namespace

// A request on its way through the queue, answered by either run() or drop().
class Front::Pending {
 public:
  Pending(Front& front, Target target, Time arrived, net::Exchange& exchange)
      : front_(&front), target_(std::move(target)), arrived_(arrived), exchange_(&exchange) {}

  void run() { front_->score_now(route(), target_, arrived_, *exchange_); }
  bool abandoned() const { return exchange_->abandoned(); }
  void drop(const serve::Refusal& why) { front_->drop(route(), target_, why, *exchange_); }

 private:
  Route route() const { return front_->route_of(exchange_->head()); }

  Front* front_;
  Target target_;  // Kept to the end: the queue uses the deployment's lane until then.
  Time arrived_;
  net::Exchange* exchange_;
};

Front::Front(const serve::Endpoints& endpoints, telemetry::Metrics& metrics,
             serve::WorkQueue& queue, Options options)
    : endpoints_(endpoints),
      metrics_(metrics),
      queue_(queue),
      options_(std::move(options)),
      guard_(options_.keys, options_.tokens, options_.wall_now, metrics),
      throttle_(with_clock(options_.throttle, options_.now), metrics) {}

Route Front::route_of(const net::RequestHead& head) const {
  if (is_call(head)) return contract::route_grpc(head.path);
  if (!options_.predict_route.empty() && head.path == options_.predict_route) {
    return {.action = Action::Score,
            .protocol = Protocol::TfServing,
            .form = contract::Form::TfPredict};
  }
  if (!options_.health_route.empty() && head.path == options_.health_route) {
    return {.action = Action::Ready, .protocol = Protocol::TfServing};
  }
  Route route = contract::route(head.path);
  // As Azure ML's servers have it.
  if (route.action == Action::Swagger && head.query == "version=3") route.action = Action::OpenApi;
  if (route.action == Action::Alive && contract::accepts_html(head.header("accept").value_or(""))) {
    route.action = Action::Page;
  }
  return route;
}

net::Admission Front::admit(const net::RequestHead& head, net::Response& refusal) {
  const Route route = route_of(head);
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
  if (const auto permitted = permit(route, head, refusal); !permitted.ok()) {
    const base::Code code = permitted.error().code();
    if (code == base::Code::Unauthenticated) {
      refusal.add_header("WWW-Authenticate", guard_.challenge(head));
    }
    return refuse(base::status_of(code).http, permitted.error().message());
  }
  std::shared_ptr<const serve::Endpoint> endpoint;
  if (route.needs_endpoint()) {
    auto target = find_target(route, head);
    if (!target.ok()) {
      return refuse(base::status_of(target.error().code()).http, target.error().message());
    }
    endpoint = std::move(target->endpoint);
  }
  auto paced = pace_key(route, head, endpoint.get(), refusal);
  if (paced.ok()) paced = pace_endpoint(route, endpoint.get(), refusal);
  if (!paced.ok()) {
    return refuse(base::status_of(paced.error().code()).http, paced.error().message());
  }
  const std::string_view type = head.header("content-type").value_or("");
  if (route.action == Action::Score && !contract::takes_type(route.form, type)) {
    endpoint->metrics().refused(telemetry::Refused::Malformed);
    return refuse(415, fmt::format("Content-Type {}: expected {}", base::quote(type),
                                   contract::types_of(route.form)));
  }
  if (route.action == Action::OipIndex) return net::Admission::accept(kIndexBodyBytesMax);
  if (route.manages()) return net::Admission::accept(kLoadBodyBytesMax);
  return net::Admission::accept(route.is_post() ? options_.bodies.bytes_max : kGetBodyBytesMax);
}

// A call names its endpoint in its messages: here it needs a credential that permits this of some
// endpoint, and handle_call asks again when it knows which.
net::Admission Front::admit_call(const Route& route, const net::RequestHead& head,
                                 net::Response& refusal) const {
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
  auto permitted = permit(some, head, refusal);
  if (permitted.ok()) permitted = pace_key(route, head, nullptr, refusal);
  if (!permitted.ok()) {
    refuse_call(permitted.error().code(), permitted.error().message(), refusal);
    return net::Admission::refuse();
  }
  return net::Admission::accept_messages(options_.bodies.bytes_max, !route.streams);
}

// Before anything is said of what endpoints there are, and by name: who may not know an endpoint
// does not learn whether it is there.
// A source that brings many credentials that are not good is refused before the next is checked.
base::Result<void> Front::permit(const Route& route, const net::RequestHead& head,
                                 net::Response& refusal) const {
  const Permission permission = permission_of(route.action);
  if (permission.is_open()) return {};
  const auto endpoint = endpoints_.find(route.endpoint);
  std::string_view name = route.endpoint;
  if (name.empty()) name = endpoint != nullptr ? endpoint->name() : auth::kEveryEndpoint;
  if (auto wait = throttle_.wait_of_source(head.source)) {
    return hold_back(route, *std::move(wait), endpoint.get(), refusal);
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

// Whether a request that is permitted comes too soon behind others with its key.
base::Result<void> Front::pace_key(const Route& route, const net::RequestHead& head,
                                   const serve::Endpoint* endpoint, net::Response& refusal) const {
  const bool keyless = permission_of(route.action).is_open() || !guard_.asks_for_credentials();
  if (keyless || !throttle_.limits_keys()) return {};
  auto wait = throttle_.take_key(caller_of(head, ""));
  if (!wait) return {};
  return hold_back(route, *std::move(wait), endpoint, refusal);
}

// Whether it comes too soon behind others to its endpoint; null: it is to none.
base::Result<void> Front::pace_endpoint(const Route& route, const serve::Endpoint* endpoint,
                                        net::Response& refusal) const {
  if (endpoint == nullptr) return {};
  auto wait = throttle_.take_endpoint(endpoint->name());
  if (!wait) return {};
  return hold_back(route, *std::move(wait), endpoint, refusal);
}

base::Error Front::hold_back(const Route& route, Throttle::Wait wait,
                             const serve::Endpoint* endpoint, net::Response& refusal) const {
  if (endpoint != nullptr) endpoint->metrics().refused(telemetry::Refused::RateLimited);
  add_retry(route, wait.error, wait.retry_after, refusal);
  return std::move(wait.error);
}

// The deployment that the path or the field of its name asks for, or else whichever serves.
base::Result<Front::Target> Front::find_target(const Route& route,
                                               const net::RequestHead& head) const {
  Target target{endpoints_.find(route.endpoint), nullptr};
  if (target.endpoint == nullptr && options_.loader != nullptr &&
      options_.loader->is_loading(route.endpoint)) {
    return base::Error(base::Code::Unavailable,
                       fmt::format("endpoint {}: it is being loaded", base::quote(route.endpoint)));
  }
  if (target.endpoint == nullptr) {
    return base::Error(
        base::Code::NotFound,
        route.endpoint.empty()
            ? "endpoint: expected its name in the path, as there is not one alone"
            : fmt::format("endpoint {}: there is none of this name", base::quote(route.endpoint)));
  }
  target.deployment = target.endpoint->deployment();
  std::string_view version = route.version;
  if (version.empty()) version = head.header(kDeploymentField).value_or("");
  if (version.empty() || version == target.deployment->version()) return target;
  return base::Error(
      base::Code::NotFound,
      fmt::format("endpoint {} version {}: expected {}", base::quote(target.endpoint->name()),
                  base::quote(version), target.deployment->version()));
}

void Front::handle(net::Exchange& exchange) {
  const Route route = route_of(exchange.head());
  if (route.is_grpc()) return handle_call(route, exchange);
  if (route.manages()) return manage(route, exchange);
  if (route.action != Action::Score) {
    describe(route, exchange);
    exchange.finish();
    return;
  }
  // Between admit() and now the endpoint may have gone.
  auto target = find_target(route, exchange.head());
  if (!target.ok()) {
    write_failure(route, target.error(), exchange.response());
    exchange.finish();
    return;
  }
  score_or_queue(route, *std::move(target), exchange);
}

// One message of a gRPC call, which says what endpoint it is about.
void Front::handle_call(Route route, net::Exchange& exchange) {
  std::string version;
  contract::read_grpc_target(route, exchange.body(), version);
  const auto target = [&]() -> base::Result<Target> {
    if (!route.needs_endpoint() && !route.manages()) return Target{};
    TRY(permit(route, exchange.head(), exchange.response()));
    if (route.manages()) return Target{};
    TRY_ASSIGN(Target found, find_target(route, exchange.head()));
    // The call was counted when it began.
    if (route.streams) {
      TRY(pace_key(route, exchange.head(), found.endpoint.get(), exchange.response()));
    }
    TRY(pace_endpoint(route, found.endpoint.get(), exchange.response()));
    return found;
  }();
  if (!target.ok()) {
    write_failure(route, target.error(), exchange.response());
  } else if (route.action == Action::Score) {
    return score_or_queue(route, *target, exchange);
  } else if (route.manages()) {
    return manage(route, exchange);
  } else {
    describe(route, exchange);
  }
  exchange.finish();
}

void Front::score_or_queue(const Route& route, Target target, net::Exchange& exchange) {
  const Time arrived = options_.now();
  const auto time = request_time(exchange.head(), options_.request_time_max);
  if (!time.ok()) {
    target.endpoint->metrics().refused(telemetry::Refused::Malformed);
    write_failure(route, time.error(), exchange.response());
    exchange.finish();
    return;
  }
  const double estimate_us = target.deployment->estimate_us(expected_bytes(exchange));
  if (estimate_us <= options_.inline_us_max) {
    if (*time <= std::chrono::nanoseconds(0)) {
      drop(route, target, {serve::Reason::Expired}, exchange);
    } else {
      score_now(route, target, arrived, exchange);
    }
    return;
  }
  const serve::WorkQueue::Terms terms{
      .lane = target.deployment->lane(),
      .estimate_us = estimate_us,
      .deadline = arrived + std::chrono::duration_cast<Time::duration>(*time),
      .priority = priority_of(exchange.head())};
  queue_.submit(terms, Pending(*this, std::move(target), arrived, exchange));
}

// What was not scored, and when to try again.
void Front::drop(const Route& route, const Target& target, const serve::Refusal& why,
                 net::Exchange& exchange) const {
  net::Response& response = exchange.response();
  write_failure(route, serve::error_of(why), response);
  if (why.retry_after > std::chrono::seconds(0)) {
    add_retry(route, serve::error_of(why), why.retry_after, response);
  }
  if (const auto counted = refused_as(why.reason)) target.endpoint->metrics().refused(*counted);
  exchange.finish();
}

void Front::score_now(const Route& route, const Target& target, Time arrived,
                      net::Exchange& exchange) {
  const Time start = options_.now();
  telemetry::EndpointMetrics& metrics = target.endpoint->metrics();
  metrics.started();
  const net::RequestHead& head = exchange.head();
  Outcome outcome;
  outcome.names = find_names(head, options_.sampler, options_.random);
  net::Response& response = exchange.response();
  contract::Outgoing out{.body = response.body()};
  std::string unpacked;
  const base::Result<void> scored = [&]() -> base::Result<void> {
    TRY_ASSIGN(const contract::Incoming in, read_incoming(exchange, options_.bodies, unpacked));
    return score(route.form, *target.deployment, in, out, options_.now, outcome.scoring);
  }();
  outcome.queued = start - arrived;
  outcome.took = options_.now() - arrived;
  if (scored.ok()) {
    finish_answer(out, target.deployment->version(), options_.bodies, head, response);
    add_timing(head, outcome.scoring, outcome.queued, response);
  } else {
    outcome.status = base::status_of(scored.error().code()).http;
    metrics.failed(scored.error().code());
    write_failure(route, scored.error(), response);
  }
  if (!route.is_grpc()) add_request_id(outcome.names, response);
  if (route.protocol == Protocol::AzureMl) {
    add_azureml_fields(head, outcome.names, options_.now() - start, response);
  }
  metrics.answered(outcome.status, outcome.took);
  count(target, outcome);
  if (options_.events != nullptr) tell(route, target, outcome, exchange);
  exchange.finish();
}

// Into the deployment's statistics.
void Front::count(const Target& target, const Outcome& outcome) const {
  serve::Statistics& statistics = target.deployment->statistics();
  if (outcome.status >= 400) return statistics.fail.add(outcome.took);
  statistics.success.add(outcome.took);
  statistics.queue.add(outcome.queued);
  statistics.decode.add(outcome.scoring.times.decode);
  statistics.compute.add(outcome.scoring.times.compute);
  statistics.encode.add(outcome.scoring.times.encode);
  statistics.rows.fetch_add(outcome.scoring.rows, std::memory_order_relaxed);
  if (options_.wall_now) {
    const auto now = options_.wall_now().time_since_epoch();
    statistics.last_ms.store(std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                             std::memory_order_relaxed);
  }
}

// Whoever writes down what was scored.
void Front::tell(const Route& route, const Target& target, const Outcome& outcome,
                 net::Exchange& exchange) const {
  telemetry::Scored event;
  event.endpoint = target.endpoint->name();
  event.version = target.deployment->version();
  event.wire = wire_of(route);
  event.key_id = caller_of(exchange.head(), exchange.client_name());
  event.request_id = outcome.names.id;
  event.trace = outcome.names.place;
  event.trace_state = outcome.names.trace_state;
  event.status = outcome.status;
  event.took_ns = outcome.took.count();
  if (options_.wall_now) {
    const auto now = options_.wall_now().time_since_epoch();
    event.started_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    event.started_ns -= event.took_ns;
  }
  std::int64_t after = 0;
  const auto phase = [&after](std::chrono::nanoseconds took) {
    const telemetry::Phase made{.after_ns = after, .took_ns = took.count()};
    after += took.count();
    return made;
  };
  event.queue = phase(outcome.queued);
  event.parse = phase(outcome.scoring.times.decode);
  event.compute = phase(outcome.scoring.times.compute);
  event.write = phase(outcome.scoring.times.encode);
  event.rows = outcome.scoring.rows;
  event.bytes_in = exchange.body().size();
  event.bytes_out = exchange.response().body().size();
  options_.events->push(event);
}

void Front::describe(const Route& route, net::Exchange& exchange) {
  net::Response& response = exchange.response();
  Target target;
  if (route.needs_endpoint()) {
    auto found = find_target(route, exchange.head());
    if (!found.ok()) return write_failure(route, found.error(), response);
    target = *std::move(found);
  }
  const Described described{.endpoints = endpoints_,
                            .metrics = metrics_,
                            .program_version = options_.version,
                            .ready = !draining_,
                            .asks_for_keys = guard_.asks_for_credentials(),
                            .endpoint = target.endpoint.get(),
                            .deployment = target.deployment.get(),
                            .loader = options_.loader};
  const auto written = write_description(route, described, exchange.body(), response);
  if (!written.ok()) write_failure(route, written.error(), response);
}

void Front::refuse(const net::Refusal& refusal, net::Response& response) {
  Route route;
  if (refusal.head != nullptr) route = route_of(*refusal.head);
  if (const auto endpoint = endpoints_.find(route.endpoint)) {
    endpoint->metrics().refused(reason_of(refusal.status));
  }
  write_refusal(route.protocol, refusal.status, refusal.message, response);
}

}  // namespace front
