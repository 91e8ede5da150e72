#pragma once

#include <atomic>
#include <cstdint>

#include "contract/route.h"
#include "front/dispatcher.h"
#include "front/door.h"
#include "front/health.h"
#include "front/options.h"
#include "net/exchange.h"
#include "serve/endpoint.h"
#include "serve/work_queue.h"
#include "telemetry/metrics.h"

namespace front {

// Drives a request through the house: what it asks for (route_of), whether it is let in (Door),
// which endpoint it is about (find_target), and who answers it: the Dispatcher what is to be
// scored, manage() what changes what is served, Health what gRPC's probes ask, and
// write_description() the rest. All members may be
// called from any thread.
class Front final : public net::Handler {
 public:
  using Options = FrontOptions;

  // All must outlive it.
  Front(const serve::Endpoints& endpoints, telemetry::Metrics& metrics, serve::WorkQueue& queue,
        Options options);

  // From now on /readyz says no, so that no new work is sent here.
  void drain() { draining_ = true; }

  net::Admission admit(const net::RequestHead& head, net::Response& refusal) override;
  void handle(net::Exchange& exchange) override;
  void refuse(const net::Refusal& refusal, net::Response& response) override;
  std::uint64_t revision() const override;
  bool authenticates() const override { return door_.asks_for_credentials(); }

 private:
  net::Admission admit_watch(const net::RequestHead& head, net::Response& refusal) const;
  net::Admission admit_call(const contract::Route& route, const net::RequestHead& head,
                            net::Response& refusal);
  void handle_call(contract::Route route, net::Exchange& exchange);
  void describe(const contract::Route& route, net::Exchange& exchange);

  const serve::Endpoints& endpoints_;
  telemetry::Metrics& metrics_;
  const FrontOptions options_;
  Door door_;
  Dispatcher dispatcher_;
  const Health health_;
  std::atomic<bool> draining_ = false;
};

}  // namespace front
