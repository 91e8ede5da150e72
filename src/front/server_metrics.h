#pragma once

#include <functional>

#include "net/server.h"
#include "telemetry/metrics.h"

namespace front {

// Brings what a server counts of its connections into the metrics, each time they are asked for.
//   sooth_connections                        sooth_connections_accepted_total
//   sooth_connections_refused_total          sooth_accept_backoffs_total
//   sooth_handshakes_failed_total            sooth_http_refused_total
//   sooth_slow_clients_total{of}: head, body, answer
//   sooth_http2_floods_total{of}: resets, frames
//   sooth_bodies_bytes                       sooth_bodies_refused_total
//   sooth_followers                          sooth_followers_refused_total
// `counts` may be called as long as somebody asks for the metrics, by any thread.
void expose_server(telemetry::Metrics& metrics, std::function<net::ServerCounts()> counts);

}  // namespace front
