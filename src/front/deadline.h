#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "config/option.h"
#include "config/settings.h"
#include "net/request.h"

namespace front {

// How long a client waits for the answer to a request, as its fields say:
//   X-Request-Timeout               seconds, "2" or "0.25", or with a unit: "250ms", "1.5s"
//   X-Envoy-Expected-Rq-Timeout-Ms  whole milliseconds; what Envoy, and so Istio, tells the server
//                                   behind it of the time that is left
//   grpc-timeout                    1 to 8 digits and one of H M S m u n, as gRPC over HTTP/2 has
//   it
// Of several that are there the shortest counts. Times of 0 and more than a year are cut to that.
// Azure ML names no field of this kind: there the time is a setting of the deployment
// (request_timeout_ms), here request_time_max. What Open Inference Protocol calls the parameter
// `timeout` belongs to the model's batching and is left alone.
class TimeoutReader {
 public:
  // Show it every field of the request. Invalid for a time that cannot be read.
  base::Result<void> see(std::string_view name, std::string_view value);
  std::optional<std::chrono::nanoseconds> timeout() const { return timeout_; }

 private:
  std::optional<std::chrono::nanoseconds> timeout_;
};

// The time that a client gives; nothing where it gives none.
base::Result<std::optional<std::chrono::nanoseconds>> asked_time(const net::RequestHead& head);

// The same, at most `request_time_max`, which is also what counts where it
// gives none.
base::Result<std::chrono::nanoseconds> request_time(const net::RequestHead& head,
                                                    std::chrono::nanoseconds request_time_max);

// request_time_max.
std::span<const config::Option> deadline_options();

}  // namespace front
