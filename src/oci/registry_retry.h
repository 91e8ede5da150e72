#pragma once

#include <chrono>

#include "base/result.h"
#include "net/http_message.h"
#include "oci/registry_world.h"

namespace oci {

// Counts the attempts at one thing and waits between them.
class Retry {
 public:
  Retry(const RegistryWorld& world, const RetryLimits& limits,
        std::chrono::steady_clock::time_point deadline)
      : world_(world), limits_(limits), deadline_(deadline) {}

  // Behind a failure that may pass: waits, longer each time. False: enough has been tried, or
  // there is no time left.
  bool wait();
  // Likewise, but as long as the answer asks.
  bool wait(const net::HttpResponse& response);
  // Something was achieved: counting starts again.
  void progress() { failures_ = 0; }

 private:
  bool wait_for(std::chrono::milliseconds time);

  const RegistryWorld& world_;
  const RetryLimits& limits_;
  const std::chrono::steady_clock::time_point deadline_;
  int failures_ = 0;
};

// Sends it, and again while it fails in a way that may pass. The request must be one that can be
// repeated, and its sink, if any, must not mind.
base::Result<net::HttpResponse> send_with_retries(const RegistryWorld& world,
                                                  const RegistryOptions& options,
                                                  const net::HttpRequest& request);

}  // namespace oci
