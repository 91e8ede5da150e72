#include <string>

#include <inference.pb.h>

#include "contract/offered_tensors.h"
#include "contract/oip_grpc.h"
#include "contract/protobuf.h"

namespace contract::oip_grpc {
namespace {

using data::Datatype;

void set_duration(const oip_rest::Statistics::Sum& sum, inference::StatisticDuration* out) {
  out->set_count(sum.count);
  out->set_ns(sum.ns);
}

// Triton's name of a datatype.
inference::DataType type_of(Datatype datatype) {
  switch (datatype) {
    case Datatype::Bool: return inference::TYPE_BOOL;
    case Datatype::Uint8: return inference::TYPE_UINT8;
    case Datatype::Uint16: return inference::TYPE_UINT16;
    case Datatype::Uint32: return inference::TYPE_UINT32;
    case Datatype::Uint64: return inference::TYPE_UINT64;
    case Datatype::Int8: return inference::TYPE_INT8;
    case Datatype::Int16: return inference::TYPE_INT16;
    case Datatype::Int32: return inference::TYPE_INT32;
    case Datatype::Int64: return inference::TYPE_INT64;
    case Datatype::Fp16: return inference::TYPE_FP16;
    case Datatype::Bf16: return inference::TYPE_BF16;
    case Datatype::Fp32: return inference::TYPE_FP32;
    case Datatype::Fp64: return inference::TYPE_FP64;
    case Datatype::Bytes: break;
  }
  return inference::TYPE_STRING;
}

inference::ModelMetadataResponse::TensorMetadata metadata_of(const OfferedTensor& from) {
  inference::ModelMetadataResponse::TensorMetadata tensor;
  tensor.set_name(std::string(from.name));
  tensor.set_datatype(std::string(data::datatype_name(from.datatype)));
  for (const std::int64_t extent : from.shape) tensor.add_shape(extent);
  return tensor;
}

// Messages of our own making are small and whole: writing them does not fail.
void append_own(const google::protobuf::MessageLite& message, std::string& out) {
  static_cast<void>(append_message(message, out).ok());
}

}  // namespace

void encode_stream_error(std::string_view message, std::string& out) {
  inference::ModelStreamInferResponse response;
  response.set_error_message(std::string(message));
  append_own(response, out);
}

void encode_live(bool live, std::string& out) {
  inference::ServerLiveResponse response;
  response.set_live(live);
  append_own(response, out);
}

void encode_ready(bool ready, std::string& out) {
  inference::ServerReadyResponse response;
  response.set_ready(ready);
  append_own(response, out);
}

void encode_server_metadata(std::string_view version, std::string& out) {
  inference::ServerMetadataResponse response;
  response.set_name("sooth");
  response.set_version(std::string(version));
  response.add_extensions("model_configuration");
  response.add_extensions("model_repository");
  response.add_extensions("statistics");
  append_own(response, out);
}

void encode_model_metadata(std::string_view model, std::string_view version, const Offer& offer,
                           std::string& out) {
  inference::ModelMetadataResponse response;
  response.set_name(std::string(model));
  response.add_versions(std::string(version));
  response.set_platform(std::string(offer.platform()));
  for (const OfferedTensor& each : offered_inputs(offer)) {
    *response.add_inputs() = metadata_of(each);
  }
  for (const OfferedTensor& each : offered_outputs(offer)) {
    *response.add_outputs() = metadata_of(each);
  }
  append_own(response, out);
}

void encode_model_config(std::string_view model, const Offer& offer, std::string& out) {
  inference::ModelConfigResponse response;
  inference::ModelConfig& config = *response.mutable_config();
  config.set_name(std::string(model));
  config.set_platform(std::string(offer.platform()));
  config.set_backend("sooth");
  for (const OfferedTensor& each : offered_inputs(offer)) {
    auto& input = *config.add_input();
    input.set_name(std::string(each.name));
    input.set_data_type(type_of(each.datatype));
    for (const std::int64_t extent : each.shape) input.add_dims(extent);
    input.set_optional(each.optional);
  }
  for (const OfferedTensor& each : offered_outputs(offer)) {
    auto& output = *config.add_output();
    output.set_name(std::string(each.name));
    output.set_data_type(type_of(each.datatype));
    for (const std::int64_t extent : each.shape) output.add_dims(extent);
  }
  append_own(response, out);
}

void encode_statistics(std::span<const oip_rest::Statistics> models, std::string& out) {
  inference::ModelStatisticsResponse response;
  for (const oip_rest::Statistics& from : models) {
    auto& model = *response.add_model_stats();
    model.set_name(std::string(from.model));
    model.set_version(std::string(from.version));
    model.set_last_inference(static_cast<std::uint64_t>(from.last_ms));
    model.set_inference_count(from.rows);
    model.set_execution_count(from.success.count);
    auto& times = *model.mutable_inference_stats();
    set_duration(from.success, times.mutable_success());
    set_duration(from.fail, times.mutable_fail());
    set_duration(from.queue, times.mutable_queue());
    set_duration(from.decode, times.mutable_compute_input());
    set_duration(from.compute, times.mutable_compute_infer());
    set_duration(from.encode, times.mutable_compute_output());
  }
  append_own(response, out);
}

}  // namespace contract::oip_grpc
