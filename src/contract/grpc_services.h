#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/route.h"

namespace contract {

// What a gRPC call asks for, by its path "/<package>.<Service>/<Method>". The endpoint that it is
// about stands in its messages: read_grpc_target.
Route route_grpc(std::string_view path);

// The endpoint and version that a message of the call names; `version_text` holds a version that
// is written as a number, and outlives the route.
void read_grpc_target(Route& route, std::string_view message, std::string& version_text);

// The names of the services that there are.
std::span<const std::string_view> grpc_services();

// One message of the standard reflection service: which services there are, and the files that
// describe them.
base::Result<void> answer_reflection(std::string_view request, std::string& out);

}  // namespace contract
