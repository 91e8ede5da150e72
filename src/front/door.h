#pragma once

#include <string_view>

#include "base/result.h"
#include "contract/route.h"
#include "front/guard.h"
#include "front/options.h"
#include "front/throttle.h"
#include "net/request.h"
#include "net/response.h"
#include "serve/endpoint.h"
#include "telemetry/metrics.h"

namespace front {

// Lets requests in: who may ask (Guard), and not too often (Throttle). What it turns away is
// counted of the endpoint; when to try again is added to the response. Any thread may ask.
class Door {
 public:
  // All outlive it.
  Door(const serve::Endpoints& endpoints, const FrontOptions& options, telemetry::Metrics& metrics);

  bool asks_for_credentials() const { return guard_.asks_for_credentials(); }
  std::string_view challenge(const net::RequestHead& head) const { return guard_.challenge(head); }

  // Whether it may ask for what the route is about; before anything is said of what endpoints there
  // are. A source that brought many credentials that are not good is refused before the next is
  // checked.
  base::Result<void> permit(const contract::Route& route, const net::RequestHead& head,
                            net::Response& response);
  // Whether a request that is permitted comes too soon behind others with its key. A null endpoint:
  // which one is not known yet, or it is about none.
  base::Result<void> pace_key(const contract::Route& route, const net::RequestHead& head,
                              const serve::Endpoint* endpoint, net::Response& response);
  // Whether it comes too soon behind others to its endpoint; null: it is to none.
  base::Result<void> pace_endpoint(const contract::Route& route, const serve::Endpoint* endpoint,
                                   net::Response& response);

 private:
  static base::Error hold_back(const contract::Route& route, Throttle::Wait wait,
                               const serve::Endpoint* endpoint, net::Response& response);

  const serve::Endpoints& endpoints_;
  const Guard guard_;
  Throttle throttle_;
};

}  // namespace front
