#pragma once

#include <string_view>

#include "base/result.h"
#include "contract/grpc_health.h"
#include "contract/route.h"
#include "front/door.h"
#include "net/exchange.h"
#include "serve/endpoint.h"
#include "serve/loader.h"

namespace front {

// Answers gRPC's health service: of the server (""), of the gRPC services that it has, and of
// endpoints by their names. The first two anybody may ask about, as probes do; of an endpoint hears
// only who may score with it, and to everybody else there is none of that name. Any thread may ask.
class Health {
 public:
  // List gives no more; it is Exhausted where there are.
  static constexpr std::size_t kListedMax = 1000;

  // All outlive it; the loader may be null.
  Health(const serve::Endpoints& endpoints, const serve::Loader* loader, Door& door)
      : endpoints_(endpoints), loader_(loader), door_(door) {}

  // Check, List and Watch; of Watch, what is to be said now. NotFound for a service that Check does
  // not know; Unauthenticated and the like for a credential that came and is not good.
  base::Result<void> answer(const contract::Route& route, bool ready,
                            net::Exchange& exchange) const;

 private:
  using State = contract::grpc_health::State;

  base::Result<bool> may_score(std::string_view endpoint, net::Exchange& exchange) const;
  base::Result<State> state_of(std::string_view service, bool ready, net::Exchange& exchange) const;
  base::Result<void> answer_list(bool ready, net::Exchange& exchange) const;

  const serve::Endpoints& endpoints_;
  const serve::Loader* const loader_;
  Door& door_;
};

}  // namespace front
