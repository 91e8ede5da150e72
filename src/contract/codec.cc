#include "contract/codec.h"

#include <utility>

#include "contract/azureml.h"
#include "contract/mlflow.h"
#include "contract/oip_grpc.h"
#include "contract/oip_rest.h"
#include "contract/tfserving.h"
#include "contract/tfserving_grpc.h"

namespace contract {

Ask::Ask(const Offer& offered)
    : offer(offered),
      frame(offered.inputs()),
      rows(offered.inputs(), {.accept_nan = offered.numbers().accept_nan}) {}

void Ask::clear() {
  frame.clear();
  outputs.clear();
  top_k.reset();
}

bool Ask::is_large() const {
  constexpr std::size_t kBodyBytes = 1 << 20;
  constexpr std::size_t kCells = 256 << 10;
  return json.capacity() > kBodyBytes || frame.rows() * frame.columns() > kCells;
}

std::unique_ptr<Codec> make_codec(Form form, std::string endpoint) {
  switch (form) {
    case Form::AzureMl: return azureml::make_codec();
    case Form::OipRest: return oip_rest::make_codec(std::move(endpoint));
    case Form::MlFlow: return mlflow::make_codec();
    case Form::TfPredict: return tfserving::make_codec(tfserving::Verb::Predict);
    case Form::TfClassify: return tfserving::make_codec(tfserving::Verb::Classify);
    case Form::TfRegress: return tfserving::make_codec(tfserving::Verb::Regress);
    case Form::OipGrpc: return oip_grpc::make_codec(std::move(endpoint), oip_grpc::Call::Once);
    case Form::OipGrpcStream:
      return oip_grpc::make_codec(std::move(endpoint), oip_grpc::Call::Stream);
    case Form::TfGrpc: return tfserving_grpc::make_codec(std::move(endpoint));
  }
  return nullptr;
}

void encode_error(Protocol protocol, int status, std::string_view message, std::string& out) {
  switch (protocol) {
    case Protocol::AzureMl: return azureml::encode_error(message, out);
    case Protocol::MlFlow: return mlflow::encode_error(status, message, out);
    case Protocol::Sooth:
    case Protocol::OipRest:
    case Protocol::TfServing:
    // In gRPC an error is a status, and has no body.
    case Protocol::OipGrpc:
    case Protocol::TfGrpc:
    case Protocol::Grpc: break;
  }
  oip_rest::encode_error(message, out);
}

}  // namespace contract
