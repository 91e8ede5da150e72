#include "front/outcome.h"

#include <atomic>
#include <cstdint>

#include "front/guard.h"

namespace front {

void count(const Outcome& outcome, serve::Statistics& statistics) {
  if (outcome.status >= 400) return statistics.fail.add(outcome.took);
  statistics.success.add(outcome.took);
  statistics.queue.add(outcome.queued);
  statistics.decode.add(outcome.scoring.times.decode);
  statistics.compute.add(outcome.scoring.times.compute);
  statistics.encode.add(outcome.scoring.times.encode);
  statistics.rows.fetch_add(outcome.scoring.rows, std::memory_order_relaxed);
  if (outcome.answered) {
    const auto at = outcome.answered->time_since_epoch();
    statistics.last_ms.store(std::chrono::duration_cast<std::chrono::milliseconds>(at).count(),
                             std::memory_order_relaxed);
  }
}

telemetry::Scored event_of(const contract::Route& route, const Target& target,
                           const Outcome& outcome, net::Exchange& exchange) {
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
  if (outcome.answered) {
    const auto at = outcome.answered->time_since_epoch();
    event.started_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(at).count();
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
  return event;
}

}  // namespace front
