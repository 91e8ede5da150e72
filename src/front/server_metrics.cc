#include "front/server_metrics.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "threads/guarded.h"

namespace front {
namespace {

using net::ServerCounts;
using telemetry::Counter;
using telemetry::Metrics;

struct Counted {
  std::uint64_t ServerCounts::*count;
  const char* name;
  const char* help;
  Metrics::Labels labels;
};

std::vector<Counted> counted() {
  constexpr const char* kSlow = "sooth_slow_clients_total";
  constexpr const char* kSlowHelp = "Clients that sent or took less than they must, by what of.";
  constexpr const char* kFloods = "sooth_http2_floods_total";
  constexpr const char* kFloodsHelp = "HTTP/2 connections ended for a flood, by what it was of.";
  return {
      {&ServerCounts::accepted, "sooth_connections_accepted_total", "Connections accepted.", {}},
      {&ServerCounts::connections_refused,
       "sooth_connections_refused_total",
       "Connections turned away since there were too many, in all or of their source.",
       {}},
      {&ServerCounts::requests_refused,
       "sooth_http_refused_total",
       "Requests that HTTP itself refuses: malformed, too large, too slow, too many.",
       {}},
      {&ServerCounts::slow_heads, kSlow, kSlowHelp, {{"of", "head"}}},
      {&ServerCounts::slow_bodies, kSlow, kSlowHelp, {{"of", "body"}}},
      {&ServerCounts::slow_readers, kSlow, kSlowHelp, {{"of", "answer"}}},
      {&ServerCounts::reset_floods, kFloods, kFloodsHelp, {{"of", "resets"}}},
      {&ServerCounts::frame_floods, kFloods, kFloodsHelp, {{"of", "frames"}}},
      {&ServerCounts::bodies_refused,
       "sooth_bodies_refused_total",
       "Bodies turned away since others took all the memory.",
       {}},
      {&ServerCounts::accept_backoffs,
       "sooth_accept_backoffs_total",
       "Times that no connection could be accepted for want of descriptors or memory.",
       {}},
      {&ServerCounts::handshakes_failed,
       "sooth_handshakes_failed_total",
       "Connections that did not come to TLS.",
       {}},
      {&ServerCounts::followers_refused,
       "sooth_followers_refused_total",
       "gRPC calls that wait for news turned away since there were too many.",
       {}},
  };
}

class ServerMetrics {
 public:
  ServerMetrics(Metrics& metrics, std::function<ServerCounts()> counts)
      : counts_(std::move(counts)),
        connections_(metrics.gauge("sooth_connections", "Connections open.")),
        bodies_(metrics.gauge("sooth_bodies_bytes", "Bytes of bodies and answers held.")),
        followers_(metrics.gauge("sooth_followers",
                                 "gRPC calls that wait for news, as Watch of health does.")) {
    for (const Counted& each : counted()) {
      counters_.emplace_back(each.count, &metrics.counter(each.name, each.help, each.labels));
    }
  }

  void update() {
    auto before = before_.lock();
    const ServerCounts now = counts_();
    for (const auto& [count, counter] : counters_) counter->add(now.*count - (*before).*count);
    connections_.set(static_cast<std::int64_t>(now.connections));
    bodies_.set(static_cast<std::int64_t>(now.bodies_bytes));
    followers_.set(static_cast<std::int64_t>(now.followers));
    *before = now;
  }

 private:
  const std::function<ServerCounts()> counts_;
  std::vector<std::pair<std::uint64_t ServerCounts::*, Counter*>> counters_;
  telemetry::Gauge& connections_;
  telemetry::Gauge& bodies_;
  telemetry::Gauge& followers_;
  threads::Guarded<ServerCounts> before_;
};

}  // namespace

void expose_server(Metrics& metrics, std::function<ServerCounts()> counts) {
  auto exposed = std::make_shared<ServerMetrics>(metrics, std::move(counts));
  metrics.before_text([exposed] { exposed->update(); });
}

}  // namespace front
