#include "contract/grpc_services.h"

#include <utility>

#include <fmt/format.h>
#include <reflection.pb.h>
#include <wire_files.h>

#include "base/status.h"
#include "base/text.h"
#include "contract/oip_repository.h"
#include "contract/protobuf.h"
#include "contract/tfserving_grpc.h"

namespace contract {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

constexpr std::string_view kOip = "inference.GRPCInferenceService";
constexpr std::string_view kPrediction = "tensorflow.serving.PredictionService";
constexpr std::string_view kModels = "tensorflow.serving.ModelService";
constexpr std::string_view kHealth = "grpc.health.v1.Health";
constexpr std::string_view kReflection = "grpc.reflection.v1.ServerReflection";
// The name that most clients still try.
constexpr std::string_view kOldReflection = "grpc.reflection.v1alpha.ServerReflection";

constexpr std::string_view kServices[] = {kOip, kPrediction, kModels, kHealth, kReflection};

struct Call {
  std::string_view service;
  std::string_view method;
  Action action;
  Protocol protocol;
  Form form = Form::AzureMl;
  bool streams = false;
};
constexpr Call kCalls[] = {
    {kOip, "ServerLive", Action::OipLive, Protocol::OipGrpc},
    {kOip, "ServerReady", Action::OipReady, Protocol::OipGrpc},
    {kOip, "ModelReady", Action::OipModelReady, Protocol::OipGrpc},
    {kOip, "ServerMetadata", Action::OipServer, Protocol::OipGrpc},
    {kOip, "ModelMetadata", Action::OipModel, Protocol::OipGrpc},
    {kOip, "ModelConfig", Action::OipConfig, Protocol::OipGrpc},
    {kOip, "ModelStatistics", Action::OipStatistics, Protocol::OipGrpc},
    {kOip, "RepositoryIndex", Action::OipIndex, Protocol::OipGrpc},
    {kOip, "RepositoryModelLoad", Action::OipLoad, Protocol::OipGrpc},
    {kOip, "RepositoryModelUnload", Action::OipUnload, Protocol::OipGrpc},
    {kOip, "ModelInfer", Action::Score, Protocol::OipGrpc, Form::OipGrpc},
    {kOip, "ModelStreamInfer", Action::Score, Protocol::OipGrpc, Form::OipGrpcStream, true},
    {kPrediction, "Predict", Action::Score, Protocol::TfGrpc, Form::TfGrpc},
    {kPrediction, "Classify", Action::Score, Protocol::TfGrpc, Form::TfGrpcClassify},
    {kPrediction, "Regress", Action::Score, Protocol::TfGrpc, Form::TfGrpcRegress},
    {kPrediction, "MultiInference", Action::Score, Protocol::TfGrpc, Form::TfGrpcMulti},
    {kPrediction, "GetModelMetadata", Action::TfMetadata, Protocol::TfGrpc},
    {kModels, "GetModelStatus", Action::TfModel, Protocol::TfGrpc},
    {kOip, "SystemSharedMemoryStatus", Action::OipSharedMemory, Protocol::OipGrpc},
    {kOip, "SystemSharedMemoryRegister", Action::OipSharedMemory, Protocol::OipGrpc},
    {kOip, "SystemSharedMemoryUnregister", Action::OipSharedMemory, Protocol::OipGrpc},
    {kOip, "CudaSharedMemoryStatus", Action::OipSharedMemory, Protocol::OipGrpc},
    {kOip, "CudaSharedMemoryRegister", Action::OipSharedMemory, Protocol::OipGrpc},
    {kOip, "CudaSharedMemoryUnregister", Action::OipSharedMemory, Protocol::OipGrpc},
    {kHealth, "Check", Action::Health, Protocol::Grpc},
    {kHealth, "List", Action::HealthList, Protocol::Grpc},
    {kHealth, "Watch", Action::HealthWatch, Protocol::Grpc},
    {kReflection, "ServerReflectionInfo", Action::Reflection, Protocol::Grpc, {}, true},
    {kOldReflection, "ServerReflectionInfo", Action::Reflection, Protocol::Grpc, {}, true},
};

const wire::MessageFile* find_file(std::string_view name) {
  for (const wire::MessageFile& file : wire::message_files()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

// The file whose package a symbol is of: the longest that fits.
const wire::MessageFile* find_symbol(std::string_view symbol) {
  constexpr std::pair<std::string_view, std::string_view> kPackages[] = {
      {"tensorflow.serving.", "tensorflow_serving.proto"},
      {"tensorflow.", "tensorflow.proto"},
      {"inference.", "inference.proto"},
      {"grpc.health.v1.", "health.proto"},
      {"grpc.reflection.v1.", "reflection.proto"},
  };
  for (const auto& [package, file] : kPackages) {
    if (symbol.starts_with(package)) return find_file(file);
  }
  return nullptr;
}

void set_missing(std::string_view what, ServerReflectionResponse& response) {
  auto& error = *response.mutable_error_response();
  error.set_error_code(base::status_of(base::Code::NotFound).grpc);
  error.set_error_message(fmt::format("{}: there is none of this name", base::quote(what)));
}

void set_file(const wire::MessageFile* file, std::string_view what,
              ServerReflectionResponse& response) {
  // The only field of a set of one is the file's own description.
  const auto descriptor = file == nullptr ? std::nullopt : find_field(file->descriptors, 1);
  if (!descriptor) return set_missing(what, response);
  response.mutable_file_descriptor_response()->add_file_descriptor_proto(std::string(*descriptor));
}

}  // namespace

Route route_grpc(std::string_view path) {
  Route route{.protocol = Protocol::Grpc};
  const std::size_t slash = path.rfind('/');
  if (!path.starts_with('/') || slash == 0) return route;
  const std::string_view service = path.substr(1, slash - 1);
  const std::string_view method = path.substr(slash + 1);
  for (const Call& call : kCalls) {
    if (call.service != service || call.method != method) continue;
    route.action = call.action;
    route.protocol = call.protocol;
    route.form = call.form;
    route.streams = call.streams;
  }
  return route;
}

void read_grpc_target(Route& route, std::string_view message, std::string& version_text) {
  if (route.protocol == Protocol::OipGrpc) {
    if (route.action == Action::OipIndex) return;
    if (route.manages()) {
      route.endpoint = oip_repository::find_model_name(message);
      return;
    }
    route.endpoint = find_field(message, 1).value_or("");
    route.version = find_field(message, 2).value_or("");
  } else if (route.protocol == Protocol::TfGrpc) {
    // Of several tasks all are about one model.
    if (route.form == Form::TfGrpcMulti) message = find_field(message, 1).value_or("");
    tfserving_grpc::ModelSpec spec = tfserving_grpc::find_model_spec(message);
    version_text = std::move(spec.version);
    route.endpoint = spec.name;
    route.version = version_text;
  }
}

std::span<const std::string_view> grpc_services() { return kServices; }

base::Result<void> answer_reflection(std::string_view request, std::string& out) {
  ServerReflectionRequest asked;
  TRY(parse_message(request, asked));
  ServerReflectionResponse response;
  response.set_valid_host(asked.host());
  *response.mutable_original_request() = asked;
  switch (asked.message_request_case()) {
    case ServerReflectionRequest::kListServices:
      for (const std::string_view service : kServices) {
        response.mutable_list_services_response()->add_service()->set_name(std::string(service));
      }
      break;
    case ServerReflectionRequest::kFileByFilename:
      set_file(find_file(asked.file_by_filename()), asked.file_by_filename(), response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      set_file(find_symbol(asked.file_containing_symbol()), asked.file_containing_symbol(),
               response);
      break;
    default: set_missing("extension", response);
  }
  return append_message(response, out);
}

}  // namespace contract
