#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>

#include "contract/grpc_health.h"
#include "contract/grpc_services.h"
#include "contract/protobuf.h"

// Messages of gRPC's own services, and looking for a call's endpoint in bytes that are no message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view message(reinterpret_cast<const char*>(data + 1), size - 1);
  static constexpr const char* kPaths[] = {
      "/inference.GRPCInferenceService/ModelInfer",
      "/tensorflow.serving.PredictionService/Predict",
      "/tensorflow.serving.PredictionService/MultiInference",
      "/grpc.health.v1.Health/Check",
      "/inference.GRPCInferenceService/RepositoryModelLoad",
  };
  contract::Route route = contract::route_grpc(kPaths[data[0] % std::size(kPaths)]);
  std::string version;
  contract::read_grpc_target(route, message, version);
  std::string out;
  const auto service = contract::grpc_health::decode_service(message);
  const auto state = service.ok() ? contract::grpc_health::State::Serving
                                  : contract::grpc_health::State::ServiceUnknown;
  if (!contract::grpc_health::encode_state(state, out).ok()) std::abort();
  static_cast<void>(contract::grpc_health::decode_list(message).ok());
  static_cast<void>(contract::answer_reflection(message, out).ok());
  return 0;
}
