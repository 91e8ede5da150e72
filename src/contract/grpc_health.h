#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

// The messages of gRPC's standard health service (grpc.health.v1): Check and Watch ask for the
// state of one service, "" being the server, and List for those of all.
namespace contract::grpc_health {

// In the numbers of the protocol.
enum class State : std::uint8_t { Serving = 1, NotServing = 2, ServiceUnknown = 3 };

// Which service a message of Check or Watch asks about. Invalid where it is no such message.
base::Result<std::string> decode_service(std::string_view request);

// Invalid where a message is none of List, which has no fields.
base::Result<void> decode_list(std::string_view request);

base::Result<void> encode_state(State state, std::string& out);

using States = std::map<std::string, State, std::less<>>;
base::Result<void> encode_states(const States& states, std::string& out);

}  // namespace contract::grpc_health
