#include "front/front.h"

#include <utility>

#include <fmt/format.h>

#include "base/status.h"
#include "base/text.h"
#include "contract/azureml.h"
#include "contract/oip_rest.h"
#include "front/page.h"
#include "front/scoring.h"

namespace front {
namespace {

using contract::Action;
using contract::Protocol;
using contract::Route;

constexpr std::uint64_t kGetBodyBytesMax = 0;
// The one deployment of an endpoint until several can stand behind it.
constexpr std::string_view kVersion = "1";

bool is_get(net::Method method) {
  return method == net::Method::Get || method == net::Method::Head;
}

telemetry::Refused reason_of(int status) {
  if (status == 413 || status == 414 || status == 431) return telemetry::Refused::TooLarge;
  if (status == 503) return telemetry::Refused::NotReady;
  return telemetry::Refused::Malformed;
}

}  // namespace

void write_error(Protocol protocol, int status, std::string_view message, net::Response& response) {
  response.set_status(status);
  response.set_content_type("application/json");
  response.body().clear();
  if (protocol == Protocol::AzureMl) {
    contract::azureml::encode_error(message, response.body());
  } else {
    contract::oip_rest::encode_error(message, response.body());
  }
}

// A request on its way through the pool. One that the pool drops is answered all the same.
class Front::Pending {
 public:
  Pending(Front& front, const Route& route, serve::Endpoint& endpoint, net::Exchange& exchange)
      : front_(&front), protocol_(route.protocol), endpoint_(&endpoint), exchange_(&exchange) {}
  Pending(Pending&& other) noexcept
      : front_(other.front_),
        protocol_(other.protocol_),
        endpoint_(other.endpoint_),
        exchange_(std::exchange(other.exchange_, nullptr)) {}
  Pending& operator=(Pending&&) = delete;
  ~Pending() {
    if (exchange_ == nullptr) return;
    endpoint_->metrics().refused(telemetry::Refused::QueueFull);
    write_error(protocol_, 503, "the server is busy or stopping: try again later",
                exchange_->response());
    exchange_->response().add_header("Retry-After", "1");
    exchange_->finish();
  }

  void operator()() {
    net::Exchange& exchange = *std::exchange(exchange_, nullptr);
    if (exchange.abandoned()) {
      write_error(protocol_, base::status_of(base::Code::Cancelled).http, "the client has left",
                  exchange.response());
      exchange.finish();
      return;
    }
    front_->score_now(contract::route(exchange.head().path), *endpoint_, exchange);
  }

 private:
  Front* front_;
  Protocol protocol_;
  serve::Endpoint* endpoint_;
  net::Exchange* exchange_;
};

Front::Front(const serve::Endpoints& endpoints, telemetry::Metrics& metrics, threads::Pool& pool,
             Options options)
    : endpoints_(endpoints),
      metrics_(metrics),
      pool_(pool),
      options_(std::move(options)),
      guard_(options_.keys, options_.tokens, options_.wall_now, metrics) {
  if (const serve::Endpoint* endpoint = endpoints_.find("")) page_ = make_page(*endpoint);
}

net::Admission Front::admit(const net::RequestHead& head, net::Response& refusal) {
  const Route route = contract::route(head.path);
  const auto refuse = [&](int status, std::string_view message) {
    write_error(route.protocol, status, message, refusal);
    return net::Admission::refuse();
  };
  if (route.action == Action::NotFound) {
    return refuse(404, fmt::format("path {}: there is nothing here", base::quote(head.path)));
  }
  if (route.is_post() ? head.method != net::Method::Post : !is_get(head.method)) {
    const std::string_view allowed = route.is_post() ? "POST" : "GET, HEAD";
    refusal.add_header("Allow", allowed);
    return refuse(405,
                  fmt::format("method {}: expected {}", net::method_name(head.method), allowed));
  }
  if (const auto permitted = permit(route, head); !permitted.ok()) {
    const base::Code code = permitted.error().code();
    if (code == base::Code::Unauthenticated) {
      refusal.add_header("WWW-Authenticate", guard_.challenge(head));
    }
    return refuse(base::status_of(code).http, permitted.error().message());
  }
  if (!route.needs_endpoint()) return net::Admission::accept(kGetBodyBytesMax);
  serve::Endpoint* endpoint = endpoints_.find(route.endpoint);
  if (endpoint == nullptr) {
    return refuse(
        404, fmt::format("endpoint {}: there is none of this name", base::quote(route.endpoint)));
  }
  if (!route.version.empty() && route.version != kVersion) {
    return refuse(404,
                  fmt::format("endpoint {} version {}: expected {}", base::quote(route.endpoint),
                              base::quote(route.version), kVersion));
  }
  return net::Admission::accept(route.is_post() ? options_.body_bytes_max : kGetBodyBytesMax);
}

// Before anything is said of what endpoints there are, and by name: who may not know an endpoint
// does not learn whether it is there.
base::Result<void> Front::permit(const Route& route, const net::RequestHead& head) const {
  serve::Endpoint* const endpoint = endpoints_.find(route.endpoint);
  std::string_view name = route.endpoint;
  if (name.empty()) name = endpoint != nullptr ? endpoint->name() : auth::kEveryEndpoint;
  auto permitted = guard_.admit(permission_of(route.action), name, head);
  if (!permitted.ok() && endpoint != nullptr) {
    endpoint->metrics().refused(permitted.error().code() == base::Code::Denied
                                    ? telemetry::Refused::Denied
                                    : telemetry::Refused::Unauthenticated);
  }
  return permitted;
}

void Front::handle(net::Exchange& exchange) {
  const Route route = contract::route(exchange.head().path);
  if (!route.is_post()) {
    get(route, exchange.response());
    exchange.finish();
    return;
  }
  serve::Endpoint* endpoint = endpoints_.find(route.endpoint);
  post(route, *endpoint, exchange);
}

void Front::post(const Route& route, serve::Endpoint& endpoint, net::Exchange& exchange) {
  if (estimate_us(endpoint, exchange.body().size()) <= options_.inline_us_max) {
    score_now(route, endpoint, exchange);
    return;
  }
  // A full queue drops the task, and the task answers.
  static_cast<void>(pool_.submit(Pending(*this, route, endpoint, exchange)).ok());
}

void Front::score_now(const Route& route, serve::Endpoint& endpoint, net::Exchange& exchange) {
  const auto start = options_.now();
  endpoint.metrics().started();
  net::Response& response = exchange.response();
  const base::Result<void> scored = score(route, endpoint, exchange.body(), response.body());
  if (!scored.ok()) {
    endpoint.metrics().failed(scored.error().code());
    write_error(route.protocol, base::status_of(scored.error().code()).http,
                scored.error().message(), response);
  }
  const auto took = options_.now() - start;
  endpoint.metrics().answered(response.status(), took);
  if (options_.scored) {
    const std::string caller = caller_of(exchange.head());
    options_.scored(
        {.endpoint = endpoint.name(), .caller = caller, .status = response.status(), .took = took});
  }
  exchange.finish();
}

void Front::get(const Route& route, net::Response& response) {
  std::string& body = response.body();
  switch (route.action) {
    case Action::Page:
      if (page_.empty()) return write_error(route.protocol, 404, "there is no endpoint", response);
      response.set_content_type("text/html; charset=utf-8");
      response.add_header("Content-Security-Policy", kPagePolicy);
      body = page_;
      return;
    case Action::Live: body = "{\"live\":true}"; return;
    case Action::OipLive: body = "{\"live\":true}"; return;
    case Action::Ready:
    case Action::OipReady:
      if (!ready()) response.set_status(503);
      body = ready() ? "{\"ready\":true,\"live\":true}" : "{\"ready\":false,\"live\":true}";
      return;
    case Action::Metrics:
      response.set_content_type("text/plain; version=0.0.4; charset=utf-8");
      body = metrics_.text();
      return;
    case Action::OipServer:
      contract::oip_rest::encode_server_metadata(options_.version, body);
      return;
    case Action::OipModel: {
      const serve::Endpoint* endpoint = endpoints_.find(route.endpoint);
      contract::oip_rest::encode_model_metadata(endpoint->name(), endpoint->deployment().scorer(),
                                                body);
      return;
    }
    case Action::OipModelReady:
      if (!ready()) response.set_status(503);
      body = fmt::format(R"({{"name":"{}","ready":{}}})", route.endpoint, ready());
      return;
    case Action::NotFound:
    case Action::Score:
    case Action::OipInfer: break;
  }
  write_error(route.protocol, 404, "there is nothing here", response);
}

void Front::refuse(const net::Refusal& refusal, net::Response& response) {
  Route route;
  if (refusal.head != nullptr) route = contract::route(refusal.head->path);
  if (serve::Endpoint* endpoint = endpoints_.find(route.endpoint)) {
    endpoint->metrics().refused(reason_of(refusal.status));
  }
  write_error(route.protocol, refusal.status, refusal.message, response);
}

}  // namespace front
