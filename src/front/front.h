#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "contract/route.h"
#include "front/guard.h"
#include "net/exchange.h"
#include "serve/endpoint.h"
#include "telemetry/metrics.h"
#include "threads/pool.h"

namespace front {

// One request that was scored, or that could not be, as log and metrics tell it.
struct Scored {
  std::string_view endpoint;
  std::string_view caller;  // As caller_of() has it.
  int status = 200;
  std::chrono::nanoseconds took{};
};

// Drives a request through the house: route, permission, endpoint, decode, score, encode. What
// costs little is scored on the I/O thread that read it, the rest on the pool. All members may be
// called from any thread.
class Front final : public net::Handler {
 public:
  struct Options {
    std::string version;                       // Of the program.
    std::uint64_t body_bytes_max = 8U << 20U;  // Of a request to be scored.
    double inline_us_max = 200;                // Longer work goes to the pool.
    std::function<std::chrono::steady_clock::time_point()> now;
    // Without keys and tokens everybody may ask; they outlive the front.
    const Guard::Keys* keys = nullptr;
    Tokens* tokens = nullptr;
    Guard::WallClock wall_now;  // For keys and tokens that expire.
    // Told of each scored request, on the thread that scored it; may be empty.
    std::function<void(const Scored&)> scored;
  };

  // All must outlive it.
  Front(const serve::Endpoints& endpoints, telemetry::Metrics& metrics, threads::Pool& pool,
        Options options);

  // From now on /readyz says no, so that no new work is sent here.
  void drain() { draining_ = true; }

  net::Admission admit(const net::RequestHead& head, net::Response& refusal) override;
  void handle(net::Exchange& exchange) override;
  void refuse(const net::Refusal& refusal, net::Response& response) override;
  bool authenticates() const override { return guard_.asks_for_credentials(); }

 private:
  class Pending;

  bool ready() const { return !draining_; }
  base::Result<void> permit(const contract::Route& route, const net::RequestHead& head) const;
  void get(const contract::Route& route, net::Response& response);
  void post(const contract::Route& route, serve::Endpoint& endpoint, net::Exchange& exchange);
  void score_now(const contract::Route& route, serve::Endpoint& endpoint, net::Exchange& exchange);

  const serve::Endpoints& endpoints_;
  telemetry::Metrics& metrics_;
  threads::Pool& pool_;
  const Options options_;
  const Guard guard_;
  std::string page_;
  std::atomic<bool> draining_ = false;
};

// Writes an error in the protocol's own form.
void write_error(contract::Protocol protocol, int status, std::string_view message,
                 net::Response& response);

}  // namespace front
