#include "telemetry/endpoint_metrics.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace telemetry {
namespace {

constexpr std::array<std::string_view, 8> kReasonNames = {
    "malformed",    "too_large",  "unauthenticated", "denied",
    "rate_limited", "queue_full", "too_late",        "not_ready"};

// base's name of a code, as the value of a label.
std::string kind_name(base::Code kind) {
  std::string name(base::code_name(kind));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

}  // namespace

EndpointMetrics::EndpointMetrics(Metrics& metrics, std::string endpoint)
    : metrics_(metrics),
      endpoint_(std::move(endpoint)),
      in_flight_(metrics_.gauge("sooth_requests_in_flight", "Requests being answered.",
                                {{"endpoint", endpoint_}})),
      seconds_(metrics_.histogram("sooth_request_seconds",
                                  "Time from the whole request to its answer.",
                                  {{"endpoint", endpoint_}})) {
  static_assert(kReasonNames.size() == kReasons);
  for (std::size_t i = 0; i < kKinds; ++i) {
    errors_[i] = &metrics_.counter(
        "sooth_errors_total", "Requests that failed, by kind of error.",
        {{"endpoint", endpoint_}, {"kind", kind_name(static_cast<base::Code>(i))}});
  }
  for (std::size_t i = 0; i < kReasons; ++i) {
    refused_[i] = &metrics_.counter(
        "sooth_refused_total", "Requests turned away before anything was computed.",
        {{"endpoint", endpoint_}, {"reason", std::string(kReasonNames[i])}});
  }
}

Counter& EndpointMetrics::requests(int status) {
  const int bounded = std::clamp(status, kStatusMin, kStatusMax);
  auto& known = requests_[static_cast<std::size_t>(bounded - kStatusMin)];
  Counter* counter = known.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &metrics_.counter("sooth_requests_total", "Requests answered, by HTTP status.",
                                {{"endpoint", endpoint_}, {"code", std::to_string(bounded)}});
    known.store(counter, std::memory_order_release);
  }
  return *counter;
}

void EndpointMetrics::answered(int status, std::chrono::nanoseconds took) {
  in_flight_.add(-1);
  seconds_.record(took);
  requests(status).add();
}

void EndpointMetrics::failed(base::Code kind) { errors_[static_cast<std::size_t>(kind)]->add(); }

void EndpointMetrics::refused(Refused reason) { refused_[static_cast<std::size_t>(reason)]->add(); }

}  // namespace telemetry
