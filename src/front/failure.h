#pragma once

#include <chrono>
#include <string_view>

#include "base/error.h"
#include "contract/route.h"
#include "net/request.h"
#include "net/response.h"

namespace front {

// Whether it is a gRPC call, by its media type.
bool is_call(const net::RequestHead& head);

// An error with this HTTP status, in the protocol's own form. Precondition: not of a gRPC call.
void write_refusal(contract::Protocol protocol, int status, std::string_view message,
                   net::Response& response);

// An error of a request that was admitted: in the protocol's own form, of a gRPC call as its
// status. A stream of requests to be scored says it in a message of its own, and goes on.
void write_failure(const contract::Route& route, const base::Error& error, net::Response& response);

// When to try again what this error was said of: Retry-After; of a gRPC call that was not answered
// yet what its clients read, a google.rpc.RetryInfo and grpc-retry-pushback-ms.
void add_retry(const contract::Route& route, const base::Error& error, std::chrono::seconds after,
               net::Response& response);

// Turns a gRPC call away before it has begun: an answer of fields alone.
void refuse_call(base::Code code, std::string_view message, net::Response& response);

}  // namespace front
