#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/world.h"
#include "front/span_exporter.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/otel_settings.h"
#include "telemetry/request_log.h"
#include "telemetry/scored_queue.h"

namespace CLI {
class App;
}

namespace cli {

// What `sooth serve` is told about its log of requests and its spans.
struct TelemetryFlags {
  bool log_requests = false;
  std::string log_ratio;       // Empty: all.
  std::string trace_endpoint;  // Empty: OpenTelemetry's variables say it, or nobody does.
  std::string trace_ratio;     // Empty: likewise.
};

void add_telemetry_options(CLI::App& app, TelemetryFlags& flags);

// Flags and OpenTelemetry's variables together; flags go first.
base::Result<telemetry::OtelSettings> read_trace_settings(const World& world,
                                                          const TelemetryFlags& flags);

// What writes down the requests that were served: as much of it as was asked for. The front pushes
// to queue(), which is null where nobody wants to hear of requests.
class RequestTelemetry {
 public:
  // After signals are blocked, since it starts threads. Log and metrics outlive it.
  static base::Result<std::unique_ptr<RequestTelemetry>> start(const World& world,
                                                               const TelemetryFlags& flags,
                                                               telemetry::Log& log,
                                                               telemetry::Metrics& metrics);
  // Writes down what waits; nobody pushes any more. Takes two seconds at most.
  ~RequestTelemetry() = default;

  telemetry::ScoredQueue* queue() { return queue_.get(); }
  // Which traces are recorded: none but the parents' own where there is no collector.
  const telemetry::Sampler& sampler() const { return sampler_; }

 private:
  RequestTelemetry() = default;

  telemetry::Sampler sampler_{.follows_parent = true, .ratio = 0};
  // Each feeds the one above it, and goes first.
  std::unique_ptr<telemetry::RequestLog> request_log_;
  std::unique_ptr<front::SpanExporter> exporter_;
  std::unique_ptr<telemetry::ScoredQueue> queue_;
};

}  // namespace cli
