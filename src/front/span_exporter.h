#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/otlp.h"
#include "telemetry/scored.h"
#include "threads/guarded.h"

namespace front {

// Sends the spans of sampled requests to a collector by OTLP/HTTP, from a thread of its own: what
// waits is bounded, what finds no room is dropped and counted, and a collector that is slow, down
// or wrong costs whoever serves nothing.
//   sooth_spans_sent_total
//   sooth_spans_dropped_total{reason}: queue_full, not_sent (and would not be on trying again)
// Sent by the batch, or batch_time_max after the first came. Tried again, at growing intervals or
// when the collector says, where it cannot be reached or answers 429, 502, 503 or 504. Redirects
// are not followed: the fields may be credentials.
class SpanExporter final : public telemetry::ScoredSink {
 public:
  struct Options {
    net::Url url;
    net::HttpFields fields;  // Sent along; their values are secrets and stand in no message.
    telemetry::SpanResource resource;
    telemetry::RandomBits random;
    std::size_t waiting_max = 2048;  // Requests.
    std::size_t batch_spans_max = 512;
    std::chrono::milliseconds batch_time_max{5'000};
    std::chrono::milliseconds send_time_max{10'000};
    std::chrono::milliseconds retry_pause{1'000};  // The first; each is twice the one before.
    std::chrono::milliseconds stop_time_max{2'000};
  };

  // `trust` may be null where the URL is http. Metrics and log outlive it.
  static base::Result<std::unique_ptr<SpanExporter>> start(Options options,
                                                           std::shared_ptr<net::TlsTrust> trust,
                                                           telemetry::Metrics& metrics,
                                                           telemetry::Log& log);
  ~SpanExporter() override { stop(); }

  void take(std::span<const telemetry::Scored> events) override;

  // Sends what waits, for stop_time_max at most, and drops the rest. Nothing is taken any more.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct State {
    std::deque<telemetry::Scored> waiting;
    Clock::time_point oldest;  // When the first of them came.
    std::optional<Clock::time_point> stop_by;
  };

  SpanExporter(Options options, std::shared_ptr<net::TlsTrust> trust, telemetry::Metrics& metrics,
               telemetry::Log& log);
  void work();
  bool gather(telemetry::SpanBatch& batch);
  void deliver(const telemetry::SpanBatch& batch);
  bool send(const std::string& body, int attempt, std::chrono::milliseconds& pause);
  bool wait(std::chrono::milliseconds pause);
  std::optional<Clock::time_point> stop_by();
  void tell(const std::string& problem);

  const Options options_;
  const std::size_t batch_requests_;
  net::HttpClient client_;
  telemetry::Counter& sent_;
  telemetry::Counter& queue_full_;
  telemetry::Counter& not_sent_;
  telemetry::Log& log_;
  bool failing_ = false;  // Told once, by the thread alone.
  threads::Guarded<State> state_;
  std::condition_variable changed_;
  std::jthread thread_;
};

// How long to wait before a batch is tried again, for the `attempt`th time (from 1): nothing where
// it is not. `status` is 0 where there was no answer, `retry_after` the field of that name. Pure.
std::optional<std::chrono::milliseconds> pause_before_retry(int status,
                                                            std::string_view retry_after,
                                                            int attempt,
                                                            std::chrono::milliseconds first);

}  // namespace front
