#include "front/manage.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "contract/oip_repository.h"
#include "front/failure.h"
#include "front/guard.h"
#include "model/recipe.h"

namespace front {
namespace {

using contract::Action;
using contract::Route;
namespace repository = contract::oip_repository;
using serve::Loader;

base::Result<model::Reference> read_order(const Route& route, std::string_view body) {
  if (route.action == Action::OipLoad) {
    return route.is_grpc() ? repository::decode_load_call(route.endpoint, body)
                           : repository::decode_load(route.endpoint, body);
  }
  // What else the request says is about models that others need, of which there are none here.
  TRY(model::check_name(route.endpoint));
  return model::Reference{.name = std::string(route.endpoint), .which = {}};
}

void write_done(const Route& route, std::string_view name, std::string_view version,
                std::string& body) {
  const auto done =
      route.action == Action::OipLoad ? repository::Done::Loaded : repository::Done::Unloaded;
  if (route.is_grpc()) return repository::encode_done_call(done, name, body);
  repository::encode_done(done, name, version, body);
}

void write_refused(const Route& route, const base::Error& error, net::Response& response) {
  write_failure(route, error, response);
  if (error.code() == base::Code::Exhausted || error.code() == base::Code::Unavailable) {
    if (!route.is_grpc()) response.add_header("Retry-After", "1");
  }
}

}  // namespace

// Of the route only what is no view of the request is kept.
void manage(const Route& route, Loader* loader, net::Exchange& exchange) {
  auto what = [&]() -> base::Result<model::Reference> {
    if (loader == nullptr) {
      return base::Error(base::Code::Unsupported,
                         "this server loads no models: start it with --allow-load");
    }
    return read_order(route, exchange.body());
  }();
  if (!what.ok()) {
    write_failure(route, what.error(), exchange.response());
    return exchange.finish();
  }
  Route kept = route;
  kept.endpoint = {};
  kept.version = {};
  std::string name = what->name;
  loader->submit(
      {.kind = route.action == Action::OipLoad ? Loader::Kind::Load : Loader::Kind::Unload,
       .what = *std::move(what),
       .who = caller_of(exchange.head(), exchange.client_name()),
       .abandoned = [&exchange] { return exchange.abandoned(); },
       .done =
           [&exchange, kept, name = std::move(name)](const base::Result<std::string>& version) {
             if (version.ok()) {
               write_done(kept, name, *version, exchange.response().body());
             } else {
               write_refused(kept, version.error(), exchange.response());
             }
             exchange.finish();
           }});
}

}  // namespace front
