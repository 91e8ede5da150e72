#include "contract/codec.h"

#include <utility>

#include "contract/azureml.h"
#include "contract/mlflow.h"
#include "contract/oip_grpc.h"
#include "contract/oip_rest.h"
#include "contract/tfserving.h"
#include "contract/tfserving_examples.h"
#include "contract/tfserving_grpc.h"

namespace contract {

Ask::Ask(const Offer& offered)
    : offer(offered), frame(offered.inputs()), tensors(offered.tensor_inputs()) {}

void Ask::clear() {
  frame.clear();
  tensors.clear();
  outputs.clear();
  top_k.reset();
  row_by_row = false;
}

void Ask::want_usual_outputs() {
  for (std::size_t i = 0; i < offer.usual_outputs(); ++i) outputs.push_back(i);
}

Reader::Reader(Ask& filled)
    : ask(filled),
      rows(filled.offer.inputs(),
           {.accept_nan = filled.offer.numbers().accept_nan, .accept_base64 = true}) {}

void Reader::clear() {
  ask.clear();
  rows.drop_unknown(false);
}

bool Reader::is_large() const {
  constexpr std::size_t kBodyBytes = 1 << 20;
  constexpr std::size_t kCells = 256 << 10;
  return json.capacity() > kBodyBytes || ask.frame.copied_bytes() > kBodyBytes ||
         ask.tensors.kept_bytes() > kBodyBytes || ask.frame.rows() * ask.frame.columns() > kCells;
}

std::unique_ptr<Codec> make_codec(Form form, std::string endpoint) {
  using tfserving_grpc::ExamplesCall;
  using tfserving_grpc::make_examples_codec;
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
    case Form::TfGrpcClassify:
      return make_examples_codec(std::move(endpoint), ExamplesCall::Classify);
    case Form::TfGrpcRegress:
      return make_examples_codec(std::move(endpoint), ExamplesCall::Regress);
    case Form::TfGrpcMulti: return make_examples_codec(std::move(endpoint), ExamplesCall::Multi);
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
