#pragma once

#include <chrono>
#include <optional>

#include "contract/route.h"
#include "front/request_names.h"
#include "front/scoring.h"
#include "front/target.h"
#include "net/exchange.h"
#include "serve/statistics.h"
#include "telemetry/scored.h"

namespace front {

// How scoring one request went.
struct Outcome {
  RequestNames names;
  Scoring scoring;
  std::chrono::nanoseconds queued{};  // Before a thread had time for it.
  std::chrono::nanoseconds took{};    // From its arrival to its answer.
  // When that was; none where there is no clock that says so.
  std::optional<std::chrono::system_clock::time_point> answered;
  int status = 200;  // HTTP's, also of a gRPC call.
};

// Into a deployment's statistics.
void count(const Outcome& outcome, serve::Statistics& statistics);

// The same for whoever writes down what was scored. The exchange has its answer already.
telemetry::Scored event_of(const contract::Route& route, const Target& target,
                           const Outcome& outcome, net::Exchange& exchange);

}  // namespace front
