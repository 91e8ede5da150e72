#include "front/request_names.h"

#include <fmt/format.h>

namespace front {
namespace {

constexpr int kFailedStatusMin = 500;

// A field that comes several times says nothing.
void take_once(std::string_view value, bool& seen, std::string_view& into) {
  into = seen ? std::string_view() : value;
  seen = true;
}

}  // namespace

RequestNames find_names(const net::RequestHead& head, const telemetry::Sampler& sampler,
                        const telemetry::RandomBits& random) {
  std::string_view id;
  std::string_view parent;
  std::string_view state;
  bool has_id = false;
  bool has_parent = false;
  bool has_state = false;
  for (const net::Header& header : head.headers) {
    if (net::same_name(header.name, "x-request-id")) take_once(header.value, has_id, id);
    if (net::same_name(header.name, "traceparent")) take_once(header.value, has_parent, parent);
    if (net::same_name(header.name, "tracestate")) take_once(header.value, has_state, state);
  }
  return {.id = telemetry::find_request_id(id, random),
          .place = telemetry::find_place(parent, sampler, random),
          .trace_state = telemetry::valid_tracestate(state)};
}

void add_request_id(const RequestNames& names, net::Response& response) {
  response.add_header("x-request-id", names.id.view());
}

void add_azureml_fields(const net::RequestHead& head, const RequestNames& names,
                        std::chrono::nanoseconds took, net::Response& response) {
  const std::string_view client = head.header("x-ms-client-request-id").value_or("");
  const bool known = telemetry::is_request_id(client);
  if (known) response.add_header("x-ms-client-request-id", client);
  response.add_header("x-ms-request-id", known ? client : names.id.view());
  fmt::memory_buffer ms;
  const auto us = std::chrono::round<std::chrono::microseconds>(took).count();
  fmt::format_to(std::back_inserter(ms), "{}.{:03}", us / 1000, us % 1000);
  response.add_header("x-ms-run-fn-exec-ms", {ms.data(), ms.size()});
  const bool failed = response.status() >= kFailedStatusMin;
  response.add_header("x-ms-run-function-failed", failed ? "true" : "false");
}

telemetry::Wire wire_of(const contract::Route& route) {
  using telemetry::Wire;
  switch (route.protocol) {
    case contract::Protocol::OipRest: return Wire::OipRest;
    case contract::Protocol::MlFlow: return Wire::MlFlow;
    case contract::Protocol::TfServing: return Wire::TfServing;
    case contract::Protocol::OipGrpc: return Wire::OipGrpc;
    case contract::Protocol::TfGrpc: return Wire::TfGrpc;
    case contract::Protocol::Sooth:
    case contract::Protocol::AzureMl:
    case contract::Protocol::Grpc: break;
  }
  return Wire::AzureMl;
}

}  // namespace front
