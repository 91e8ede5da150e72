#include "contract/grpc_health.h"

#include <utility>

#include <health.pb.h>

#include "contract/protobuf.h"

namespace contract::grpc_health {
namespace {

using grpc::health::v1::HealthCheckResponse;

void set_state(State state, HealthCheckResponse& response) {
  response.set_status(
      static_cast<HealthCheckResponse::ServingStatus>(static_cast<std::uint8_t>(state)));
}

}  // namespace

base::Result<std::string> decode_service(std::string_view request) {
  grpc::health::v1::HealthCheckRequest asked;
  TRY(parse_message(request, asked));
  return std::move(*asked.mutable_service());
}

base::Result<void> decode_list(std::string_view request) {
  grpc::health::v1::HealthListRequest asked;
  return parse_message(request, asked);
}

base::Result<void> encode_state(State state, std::string& out) {
  HealthCheckResponse response;
  set_state(state, response);
  return append_message(response, out);
}

base::Result<void> encode_states(const States& states, std::string& out) {
  grpc::health::v1::HealthListResponse response;
  for (const auto& [service, state] : states) {
    set_state(state, (*response.mutable_statuses())[service]);
  }
  return append_message(response, out);
}

}  // namespace contract::grpc_health
