#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace contract {

// What a path asks for.
enum class Action : std::uint8_t {
  NotFound,
  Alive,    // /, as KServe V1 asks it.
  Page,     // The same for who wants HTML.
  KeyPage,  // The same, which asks for a key first.
  Live,     // /healthz: the process answers.
  Ready,    // /readyz: every endpoint can score.
  Ping,     // The same as /ping and /health have it, without words.
  Metrics,
  Version,  // Of the program.
  Score,    // In the route's form.
  Swagger,
  OpenApi,
  OipServer,
  OipLive,
  OipReady,
  OipModels,
  OipModel,
  OipModelReady,
  OipConfig,
  OipStatistics,
  OipIndex,
  OipSharedMemory,  // Which is not here: Triton's clients are told so.
  TfModels,
  TfModel,
  TfMetadata,
  Health,       // gRPC's own, as the next three: Check,
  HealthList,   // List
  HealthWatch,  // and Watch.
  Reflection,
  // What changes what is served.
  OipLoad,
  OipUnload,
};

// Which form errors have.
enum class Protocol : std::uint8_t {
  Sooth,
  AzureMl,
  OipRest,
  MlFlow,
  TfServing,
  OipGrpc,
  TfGrpc,
  Grpc,
};

// The forms that requests to be scored come in; one protocol may have several.
enum class Form : std::uint8_t {
  AzureMl,
  OipRest,
  MlFlow,
  TfPredict,
  TfClassify,
  TfRegress,
  OipGrpc,
  OipGrpcStream,
  TfGrpc,
  TfGrpcClassify,
  TfGrpcRegress,
  TfGrpcMulti,
};
inline constexpr std::size_t kForms = 12;

struct Route {
  Action action = Action::NotFound;
  Protocol protocol = Protocol::Sooth;
  std::string_view endpoint;  // Empty: the server's only one.
  std::string_view version;   // Of a deployment; empty: whichever serves.
  Form form = Form::AzureMl;
  bool streams = false;  // A gRPC call of more than one message.

  bool is_grpc() const {
    return protocol == Protocol::OipGrpc || protocol == Protocol::TfGrpc ||
           protocol == Protocol::Grpc;
  }
  bool is_post() const {
    return action == Action::Score || action == Action::OipIndex || manages() || is_grpc();
  }
  // Whether it is about an endpoint, which its path names or which is the only one.
  bool needs_endpoint() const;
  bool asks_health() const {
    return action == Action::Health || action == Action::HealthList ||
           action == Action::HealthWatch;
  }
  // Whether it changes what is served: it names an endpoint that need not be there.
  bool manages() const { return action == Action::OipLoad || action == Action::OipUnload; }
};

// Pure: says what a path means, not whether it exists. Names are taken as they are written:
// nothing is decoded, so each route has one spelling.
Route route(std::string_view path);

}  // namespace contract
