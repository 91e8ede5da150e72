#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

#include "base/error.h"
#include "telemetry/metrics.h"

namespace telemetry {

// Why a request was turned away before anything was computed for it.
enum class Refused : unsigned char {
  Malformed,
  TooLarge,
  Unauthenticated,
  Denied,
  RateLimited,
  QueueFull,
  TooLate,  // Its deadline could not be met.
  NotReady,
};

// What is recorded of one endpoint. Handles are looked up once, so recording a request is a few
// atomic additions. Any thread may record. When the last one of an endpoint is gone, so are its
// series. Every kind of error and refusal is exposed from the start, but where there are very many
// endpoints: then when it is seen for the first time.
//   sooth_requests_total{endpoint,code}      sooth_errors_total{endpoint,kind}
//   sooth_refused_total{endpoint,reason}     sooth_request_seconds{endpoint} (histogram)
//   sooth_requests_in_flight{endpoint}
class EndpointMetrics {
 public:
  // `metrics` outlives it. Two of the same endpoint record into the same metrics.
  EndpointMetrics(Metrics& metrics, std::string endpoint);
  EndpointMetrics(const EndpointMetrics&) = delete;
  EndpointMetrics& operator=(const EndpointMetrics&) = delete;

  void started() { in_flight_.add(1); }
  // Behind started(): the HTTP status of the answer, and the time since the request was whole.
  void answered(int status, std::chrono::nanoseconds took);
  void failed(base::Code kind);
  void refused(Refused reason);

 private:
  static constexpr int kStatusMin = 100;
  static constexpr int kStatusMax = 599;
  static constexpr std::size_t kKinds = static_cast<std::size_t>(base::Code::Internal) + 1;
  static constexpr std::size_t kReasons = static_cast<std::size_t>(Refused::NotReady) + 1;

  Counter& requests(int status);
  Counter& errors(std::size_t kind);
  Counter& refusals(std::size_t reason);

  // Held before the first handle is looked up, and let go after the last.
  struct Hold {
    Hold(Metrics& held, const std::string& endpoint);
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold();
    Metrics& metrics;
    const std::string& endpoint;
  };

  Metrics& metrics_;
  const std::string endpoint_;
  const Hold hold_;
  Gauge& in_flight_;
  Histogram& seconds_;
  std::array<std::atomic<Counter*>, kKinds> errors_{};
  std::array<std::atomic<Counter*>, kReasons> refused_{};
  // Filled as statuses are seen for the first time, so that only those are exposed.
  std::array<std::atomic<Counter*>, kStatusMax - kStatusMin + 1> requests_{};
};

}  // namespace telemetry
