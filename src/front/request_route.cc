#include "front/request_route.h"

#include "contract/grpc_services.h"
#include "contract/media_type.h"
#include "front/failure.h"
#include "front/guard.h"

namespace front {
namespace {

using contract::Action;
using contract::Protocol;
using contract::Route;

}  // namespace

Route route_of(const net::RequestHead& head, const FrontOptions& options) {
  if (is_call(head)) return contract::route_grpc(head.path);
  if (!options.predict_route.empty() && head.path == options.predict_route) {
    return {.action = Action::Score,
            .protocol = Protocol::TfServing,
            .form = contract::Form::TfPredict};
  }
  if (!options.health_route.empty() && head.path == options.health_route) {
    return {.action = Action::Ready, .protocol = Protocol::TfServing};
  }
  Route route = contract::route(head.path);
  // As Azure ML's servers have it.
  if (route.action == Action::Swagger && head.query == "version=3") route.action = Action::OpenApi;
  if (route.action == Action::Alive && contract::accepts_html(head.header("accept").value_or(""))) {
    const bool asks = options.keys != nullptr || options.tokens != nullptr;
    route.action = asks && !brings_credential(head) ? Action::KeyPage : Action::Page;
  }
  return route;
}

}  // namespace front
