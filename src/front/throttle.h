#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "auth/rate_limit.h"
#include "base/error.h"
#include "telemetry/metrics.h"

namespace front {

// How often who is heard: whose key or token it is, which endpoint, and, before a credential is
// looked at, sources that come without a good one. Any thread may ask, and none waits.
//   sooth_throttled_total{by}: source, key, endpoint
class Throttle {
 public:
  struct Options {
    auth::RateLimits rates;  // Without: everybody is heard always.
    // Random, and nobody else's (auth::RateLimit).
    std::array<std::uint64_t, 2> secret{};
    std::function<std::chrono::steady_clock::time_point()> now;
  };
  // What a client is told, and when to try again.
  struct Wait {
    base::Error error;
    std::chrono::seconds retry_after{0};
  };

  // The metrics outlive it.
  Throttle(Options options, telemetry::Metrics& metrics);

  // Whether a source is not heard for now, since it brought too much that was refused.
  std::optional<Wait> wait_of_source(std::string_view source) const;
  // One more of its credentials was refused.
  void count_refused(std::string_view source);

  bool limits_keys() const { return of_key_.is_on(); }
  // Counts a request of whose credential was accepted (caller_of), and one to an endpoint. What has
  // to wait does not count.
  std::optional<Wait> take_key(std::string_view caller);
  std::optional<Wait> take_endpoint(std::string_view endpoint);

 private:
  const Options options_;
  auth::RateLimit of_source_;
  auth::RateLimit of_key_;
  auth::RateLimit of_endpoint_;
  telemetry::Counter& sources_;
  telemetry::Counter& keys_;
  telemetry::Counter& endpoints_;
};

}  // namespace front
