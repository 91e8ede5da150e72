#include "telemetry/endpoint_metrics.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace telemetry {
namespace {

constexpr const char* kEndpoint = "endpoint";
constexpr const char* kErrors = "sooth_errors_total";
// With as many series of errors as two hundred endpoints have, further ones are exposed when there
// is something to say.
constexpr std::size_t kExposedMax = 2400;
constexpr std::array<std::string_view, 8> kReasonNames = {
    "malformed",    "too_large",  "unauthenticated", "denied",
    "rate_limited", "queue_full", "too_late",        "not_ready"};

// base's name of a code, as the value of a label.
std::string kind_name(base::Code kind) {
  std::string name(base::code_name(kind));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

// The handle that is known, or else the one that is looked up now. Several threads may do so at
// once, and find the same.
template <typename Make>
Counter& find_or_make(std::atomic<Counter*>& known, const Make& make) {
  Counter* counter = known.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = make();
    known.store(counter, std::memory_order_release);
  }
  return *counter;
}

}  // namespace

EndpointMetrics::Hold::Hold(Metrics& held, const std::string& name)
    : metrics(held), endpoint(name) {
  metrics.hold(kEndpoint, endpoint);
}

EndpointMetrics::Hold::~Hold() { metrics.release(kEndpoint, endpoint); }

EndpointMetrics::EndpointMetrics(Metrics& metrics, std::string endpoint)
    : metrics_(metrics),
      endpoint_(std::move(endpoint)),
      hold_(metrics_, endpoint_),
      in_flight_(metrics_.gauge("sooth_requests_in_flight", "Requests being answered.",
                                {{kEndpoint, endpoint_}})),
      seconds_(metrics_.histogram("sooth_request_seconds",
                                  "Time from the whole request to its answer.",
                                  {{kEndpoint, endpoint_}})) {
  static_assert(kReasonNames.size() == kReasons);
  if (metrics_.series(kErrors) > kExposedMax) return;
  for (std::size_t i = 0; i < kKinds; ++i) errors(i);
  for (std::size_t i = 0; i < kReasons; ++i) refusals(i);
}

Counter& EndpointMetrics::requests(int status) {
  const int bounded = std::clamp(status, kStatusMin, kStatusMax);
  return find_or_make(requests_[static_cast<std::size_t>(bounded - kStatusMin)], [&] {
    return &metrics_.counter("sooth_requests_total", "Requests answered, by HTTP status.",
                             {{kEndpoint, endpoint_}, {"code", std::to_string(bounded)}});
  });
}

Counter& EndpointMetrics::errors(std::size_t kind) {
  return find_or_make(errors_[kind], [&] {
    return &metrics_.counter(
        kErrors, "Requests that failed, by kind of error.",
        {{kEndpoint, endpoint_}, {"kind", kind_name(static_cast<base::Code>(kind))}});
  });
}

Counter& EndpointMetrics::refusals(std::size_t reason) {
  return find_or_make(refused_[reason], [&] {
    return &metrics_.counter(
        "sooth_refused_total", "Requests turned away before anything was computed.",
        {{kEndpoint, endpoint_}, {"reason", std::string(kReasonNames[reason])}});
  });
}

void EndpointMetrics::answered(int status, std::chrono::nanoseconds took) {
  in_flight_.add(-1);
  seconds_.record(took);
  requests(status).add();
}

void EndpointMetrics::failed(base::Code kind) { errors(static_cast<std::size_t>(kind)).add(); }

void EndpointMetrics::refused(Refused reason) { refusals(static_cast<std::size_t>(reason)).add(); }

}  // namespace telemetry
