#include "front/dispatcher.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/status.h"
#include "contract/codec.h"
#include "contract/media_type.h"
#include "front/bodies.h"
#include "front/deadline.h"
#include "front/failure.h"
#include "front/outcome.h"
#include "front/request_route.h"
#include "front/urgency.h"
#include "telemetry/endpoint_metrics.h"

namespace front {
namespace {

using contract::Protocol;
using contract::Route;

bool is_form(std::string_view content_type) {
  return contract::media_type_of(content_type) == contract::MediaType::Multipart;
}

// What a request is asked for while it is scored: whether anybody still waits for it.
struct Watched {
  const Now& now;
  std::chrono::steady_clock::time_point deadline;
  const net::Exchange& exchange;

  std::optional<serve::Reason> ended() const {
    if (exchange.abandoned()) return serve::Reason::Abandoned;
    if (now() > deadline) return serve::Reason::Expired;
    return std::nullopt;
  }
};

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
class Dispatcher::Pending {
 public:
  Pending(const Dispatcher& dispatcher, Target target, const Span& span, net::Exchange& exchange)
      : dispatcher_(&dispatcher), target_(std::move(target)), span_(span), exchange_(&exchange) {}

  void run() { dispatcher_->score_now(route(), target_, span_, *exchange_); }
  bool abandoned() const { return exchange_->abandoned(); }
  void drop(const serve::Refusal& why) { Dispatcher::drop(route(), target_, why, *exchange_); }

 private:
  Route route() const { return route_of(exchange_->head(), dispatcher_->options_); }

  const Dispatcher* dispatcher_;
  Target target_;  // Kept to the end: the queue uses the deployment's lane until then.
  Span span_;
  net::Exchange* exchange_;
};

void Dispatcher::score_or_queue(const Route& route, Target target, net::Exchange& exchange) {
  const Time arrived = options_.now();
  const auto time = request_time(exchange.head(), options_.request_time_max);
  if (!time.ok()) {
    target.endpoint->metrics().refused(telemetry::Refused::Malformed);
    write_failure(route, time.error(), exchange.response());
    exchange.finish();
    return;
  }
  const Span span{.arrived = arrived,
                  .deadline = arrived + std::chrono::duration_cast<Time::duration>(*time)};
  const double estimate_us = target.deployment->estimate_us(
      expected_bytes(exchange), is_form(exchange.head().header("content-type").value_or("")));
  if (estimate_us <= options_.inline_us_max) {
    if (*time <= std::chrono::nanoseconds(0)) {
      drop(route, target, {serve::Reason::Expired}, exchange);
    } else {
      score_now(route, target, span, exchange);
    }
    return;
  }
  const serve::WorkQueue::Terms terms{.lane = target.deployment->lane(),
                                      .estimate_us = estimate_us,
                                      .deadline = span.deadline,
                                      .priority = priority_of(exchange.head())};
  queue_.submit(terms, Pending(*this, std::move(target), span, exchange));
}

// What was not scored, and when to try again.
void Dispatcher::drop(const Route& route, const Target& target, const serve::Refusal& why,
                      net::Exchange& exchange) {
  net::Response& response = exchange.response();
  write_failure(route, serve::error_of(why), response);
  if (why.retry_after > std::chrono::seconds(0)) {
    add_retry(route, serve::error_of(why), why.retry_after, response);
  }
  if (const auto counted = refused_as(why.reason)) target.endpoint->metrics().refused(*counted);
  exchange.finish();
}

void Dispatcher::score_now(const Route& route, const Target& target, const Span& span,
                           net::Exchange& exchange) const {
  const Time start = options_.now();
  telemetry::EndpointMetrics& metrics = target.endpoint->metrics();
  metrics.started();
  const net::RequestHead& head = exchange.head();
  Outcome outcome;
  outcome.names = find_names(head, options_.sampler, options_.random);
  net::Response& response = exchange.response();
  contract::Outgoing out{.body = response.body()};
  std::string unpacked;
  // One reference alone, for which a function needs no memory.
  const Watched watched{.now = options_.now, .deadline = span.deadline, .exchange = exchange};
  const base::Result<void> scored = [&]() -> base::Result<void> {
    TRY_ASSIGN(const contract::Incoming in, read_incoming(exchange, options_.bodies, unpacked));
    const serve::Ended ended = [&watched] { return watched.ended(); };
    return score(route.form, *target.deployment, in, out, {.now = options_.now, .ended = ended},
                 outcome.scoring);
  }();
  outcome.queued = start - span.arrived;
  outcome.took = options_.now() - span.arrived;
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
  if (options_.wall_now) outcome.answered = options_.wall_now();
  count(outcome, target.deployment->statistics());
  if (options_.events != nullptr) {
    options_.events->push(event_of(route, target, outcome, exchange));
  }
  exchange.finish();
}

}  // namespace front
