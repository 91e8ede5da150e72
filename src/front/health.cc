#include "front/health.h"

#include <string>

#include <fmt/format.h>

#include "auth/key.h"
#include "base/text.h"
#include "contract/grpc_services.h"
#include "front/guard.h"

namespace front {
namespace {

namespace health = contract::grpc_health;
using contract::Action;
using contract::Route;

bool is_grpc_service(std::string_view name) {
  for (const std::string_view each : contract::grpc_services()) {
    if (each == name) return true;
  }
  return false;
}

}  // namespace

base::Result<void> Health::answer(const Route& route, bool ready, net::Exchange& exchange) const {
  std::string& body = exchange.response().body();
  if (route.action == Action::HealthList) return answer_list(ready, exchange);
  TRY_ASSIGN(const std::string service, health::decode_service(exchange.body()));
  TRY_ASSIGN(const State state, state_of(service, ready, exchange));
  if (state == State::ServiceUnknown && route.action == Action::Health) {
    return base::Error(base::Code::NotFound,
                       fmt::format("service {}: there is none of this name", base::quote(service)));
  }
  return health::encode_state(state, body);
}

// Probes come without a credential, and their asking is nothing to hold against them.
base::Result<bool> Health::may_score(std::string_view endpoint, net::Exchange& exchange) const {
  if (!door_.asks_for_credentials()) return true;
  if (!brings_credential(exchange.head())) return false;
  const Route route{
      .action = Action::OipModelReady, .protocol = contract::Protocol::Grpc, .endpoint = endpoint};
  TRY(door_.permit(route, exchange.head(), exchange.response()));
  return true;
}

base::Result<health::State> Health::state_of(std::string_view service, bool ready,
                                             net::Exchange& exchange) const {
  const State here = ready ? State::Serving : State::NotServing;
  if (service.empty() || is_grpc_service(service)) return here;
  TRY_ASSIGN(const bool may, may_score(service, exchange));
  if (!may) return State::ServiceUnknown;
  if (endpoints_.find(service) != nullptr) return here;
  const bool loading = loader_ != nullptr && loader_->is_loading(service);
  return loading ? State::NotServing : State::ServiceUnknown;
}

base::Result<void> Health::answer_list(bool ready, net::Exchange& exchange) const {
  TRY(health::decode_list(exchange.body()));
  const State here = ready ? State::Serving : State::NotServing;
  health::States states{{"", here}};
  for (const std::string_view each : contract::grpc_services()) states.emplace(each, here);
  // With a key for all of them: one for each would have to be tried with all.
  const auto all = may_score(auth::kEveryEndpoint, exchange);
  if (!all.ok() && all.error().code() != base::Code::Denied) return all.error();
  if (all.ok() && *all) {
    for (const auto& endpoint : endpoints_.all()) {
      if (states.size() >= kListedMax) {
        return base::Error(base::Code::Exhausted,
                           fmt::format("services: expected at most {} to list, got more; ask for "
                                       "each by its name",
                                       kListedMax));
      }
      states.emplace(endpoint->name(), here);
    }
  }
  return health::encode_states(states, exchange.response().body());
}

}  // namespace front
