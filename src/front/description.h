#pragma once

#include <string_view>

#include "base/result.h"
#include "contract/route.h"
#include "net/response.h"
#include "serve/endpoint.h"
#include "serve/loader.h"
#include "telemetry/metrics.h"

namespace front {

// What there is to be described, of the server and, where the route is about one, of an endpoint.
struct Described {
  const serve::Endpoints& endpoints;
  const telemetry::Metrics& metrics;
  std::string_view program_version;
  bool ready = true;
  bool asks_for_keys = false;
  const serve::Endpoint* endpoint = nullptr;
  const serve::Deployment* deployment = nullptr;
  const serve::Loader* loader = nullptr;
};

// Answers everything that is asked of a server but scores: whether it is ready, what it serves and
// how to call that. NotFound where the route asks for nothing of that.
base::Result<void> write_description(const contract::Route& route, const Described& described,
                                     std::string_view body, net::Response& response);

}  // namespace front
