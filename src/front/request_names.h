#pragma once

#include <chrono>
#include <string_view>

#include "contract/route.h"
#include "front/scoring.h"
#include "net/request.h"
#include "net/response.h"
#include "telemetry/request_id.h"
#include "telemetry/scored.h"
#include "telemetry/trace_context.h"

namespace front {

// What a request is called, and where it stands in a trace.
struct RequestNames {
  telemetry::RequestId id;
  telemetry::TracePlace place;
  std::string_view trace_state;  // A view of the head.
};
RequestNames find_names(const net::RequestHead& head, const telemetry::Sampler& sampler,
                        const telemetry::RandomBits& random);

// The request's id, which every answer has.
void add_request_id(const RequestNames& names, net::Response& response);

// The fields that the web services of Azure ML answer with beside it, of which their clients look
// at some.
void add_azureml_fields(const net::RequestHead& head, const RequestNames& names,
                        std::chrono::nanoseconds took, net::Response& response);

telemetry::Wire wire_of(const contract::Route& route);

}  // namespace front
