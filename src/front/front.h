#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "contract/route.h"
#include "front/bodies.h"
#include "front/guard.h"
#include "front/request_names.h"
#include "front/scoring.h"
#include "front/throttle.h"
#include "net/exchange.h"
#include "serve/endpoint.h"
#include "serve/loader.h"
#include "serve/work_queue.h"
#include "telemetry/metrics.h"
#include "telemetry/random_bits.h"
#include "telemetry/scored_queue.h"

namespace front {

// Drives a request through the house: route, permission, endpoint, decode, score, encode. What
// costs little is scored on the I/O thread that read it, the rest by the queue. All members may be
// called from any thread.
class Front final : public net::Handler {
 public:
  struct Options {
    std::string version;  // Of the program.
    BodyOptions bodies;
    double inline_us_max = 200;  // Longer work goes to the queue.
    // Where a client does not say how long it waits; and no longer than this where it does.
    std::chrono::nanoseconds request_time_max = std::chrono::minutes(1);
    std::function<std::chrono::steady_clock::time_point()> now;
    // Without keys and tokens everybody may ask; they outlive the front.
    const Guard::Keys* keys = nullptr;
    Tokens* tokens = nullptr;
    // How often who is heard; its clock is `now`.
    Throttle::Options throttle;
    // For keys and tokens that expire, and for when something was scored last.
    Guard::WallClock wall_now;
    // Told of each scored request; null: nobody wants to hear of them. Outlives the front.
    telemetry::ScoredQueue* events = nullptr;
    telemetry::Sampler sampler;
    telemetry::RandomBits random = telemetry::fast_random_bits;
    // What loads and unloads endpoints on request; null: nothing does. Outlives the exchanges.
    serve::Loader* loader = nullptr;
    // Paths that a platform chooses for its predictions and its probes; empty: none.
    std::string predict_route;
    std::string health_route;
  };

  // All must outlive it.
  Front(const serve::Endpoints& endpoints, telemetry::Metrics& metrics, serve::WorkQueue& queue,
        Options options);

  // From now on /readyz says no, so that no new work is sent here.
  void drain() { draining_ = true; }

  net::Admission admit(const net::RequestHead& head, net::Response& refusal) override;
  void handle(net::Exchange& exchange) override;
  void refuse(const net::Refusal& refusal, net::Response& response) override;
  bool authenticates() const override { return guard_.asks_for_credentials(); }

 private:
  class Pending;
  using Time = std::chrono::steady_clock::time_point;
  // What scores a request, held until it is answered.
  struct Target {
    std::shared_ptr<const serve::Endpoint> endpoint;
    std::shared_ptr<const serve::Deployment> deployment;
  };

  // How scoring one request went, for who counts it or writes it down.
  struct Outcome {
    RequestNames names;
    Scoring scoring;
    std::chrono::nanoseconds queued{};  // Before a thread had time for it.
    std::chrono::nanoseconds took{};    // From its arrival to its answer.
    int status = 200;                   // HTTP's, also of a gRPC call.
  };

  contract::Route route_of(const net::RequestHead& head) const;
  net::Admission admit_call(const contract::Route& route, const net::RequestHead& head,
                            net::Response& refusal) const;
  base::Result<void> permit(const contract::Route& route, const net::RequestHead& head,
                            net::Response& refusal) const;
  base::Result<void> pace_key(const contract::Route& route, const net::RequestHead& head,
                              const serve::Endpoint* endpoint, net::Response& refusal) const;
  base::Result<void> pace_endpoint(const contract::Route& route, const serve::Endpoint* endpoint,
                                   net::Response& refusal) const;
  base::Error hold_back(const contract::Route& route, Throttle::Wait wait,
                        const serve::Endpoint* endpoint, net::Response& refusal) const;
  base::Result<Target> find_target(const contract::Route& route,
                                   const net::RequestHead& head) const;
  void handle_call(contract::Route route, net::Exchange& exchange);
  void manage(const contract::Route& route, net::Exchange& exchange);
  void describe(const contract::Route& route, net::Exchange& exchange);
  void drop(const contract::Route& route, const Target& target, const serve::Refusal& why,
            net::Exchange& exchange) const;
  void score_or_queue(const contract::Route& route, Target target, net::Exchange& exchange);
  void score_now(const contract::Route& route, const Target& target, Time arrived,
                 net::Exchange& exchange);
  void count(const Target& target, const Outcome& outcome) const;
  void tell(const contract::Route& route, const Target& target, const Outcome& outcome,
            net::Exchange& exchange) const;

  const serve::Endpoints& endpoints_;
  telemetry::Metrics& metrics_;
  serve::WorkQueue& queue_;
  const Options options_;
  const Guard guard_;
  mutable Throttle throttle_;
  std::atomic<bool> draining_ = false;
};

}  // namespace front
