#include "contract/oip_grpc.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <inference.pb.h>

#include "base/text.h"
#include "contract/outputs.h"
#include "contract/protobuf.h"
#include "contract/request_fields.h"
#include "contract/tensor_input.h"

namespace contract::oip_grpc {
namespace {

using base::Code;
using base::Error;
using data::Datatype;

constexpr int kInputsMax = 10'000;
constexpr std::int64_t kTopKMax = 1'000'000'000;

class ModelInfer final : public Codec {
 public:
  ModelInfer(std::string endpoint, Call call) : endpoint_(std::move(endpoint)), call_(call) {}
  base::Result<void> decode(const Incoming& in, Reader& reader) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  base::Result<void> read_outputs(Ask& ask) const;
  base::Result<void> read_parameters(Ask& ask) const;
  base::Result<void> read_inputs(Ask& ask, std::size_t body_bytes) const;
  bool is_raw() const { return request_.raw_input_contents_size() > 0; }

  const std::string endpoint_;
  const Call call_;
  inference::ModelInferRequest request_;  // Texts of the ask are views of it.
};

base::Result<void> ModelInfer::read_outputs(Ask& ask) const {
  if (request_.outputs_size() > kInputsMax) {
    return Error(Code::Invalid, fmt::format("outputs: expected at most {}", kInputsMax));
  }
  for (const auto& output : request_.outputs()) {
    if (output.parameters().contains("classification")) return no_classification();
    if (output.parameters().contains("shared_memory_region")) return no_shared_memory();
    TRY_ASSIGN(
        const std::size_t at,
        ask.offer.find_output(output.name(), fmt::format("output {}", base::quote(output.name()))));
    if (std::find(ask.outputs.begin(), ask.outputs.end(), at) != ask.outputs.end()) {
      return Error(Code::Invalid, fmt::format("output {}: expected it once, got it twice",
                                              base::quote(output.name())));
    }
    ask.outputs.push_back(at);
  }
  if (!ask.outputs.empty()) return {};
  for (std::size_t i = 0; i < ask.offer.outputs().size(); ++i) ask.outputs.push_back(i);
  return {};
}

base::Result<void> ModelInfer::read_parameters(Ask& ask) const {
  const auto at = request_.parameters().find("top_k");
  if (at == request_.parameters().end()) return {};
  const inference::InferParameter& value = at->second;
  std::int64_t top_k = 0;
  if (value.has_int64_param()) top_k = value.int64_param();
  if (value.has_uint64_param()) {
    top_k = static_cast<std::int64_t>(
        std::min<std::uint64_t>(value.uint64_param(), std::uint64_t{kTopKMax} + 1));
  }
  if (top_k < 1 || top_k > kTopKMax) {
    return Error(Code::Invalid,
                 fmt::format("\"top_k\": expected an integer from 1 to {}", kTopKMax));
  }
  ask.top_k = static_cast<std::size_t>(top_k);
  return {};
}

base::Result<TensorHead> head_of(const inference::ModelInferRequest::InferInputTensor& tensor) {
  TensorHead head{.name = tensor.name()};
  const auto datatype = data::parse_datatype(tensor.datatype());
  if (!datatype) {
    return bad_tensor(head.name,
                      fmt::format("\"datatype\": expected one of BOOL, UINT8 to UINT64, INT8 to "
                                  "INT64, FP16, BF16, FP32, FP64 and BYTES, got {}",
                                  base::quote(tensor.datatype())));
  }
  head.datatype = *datatype;
  for (const std::int64_t extent : tensor.shape()) {
    if (extent < 0) {
      return bad_tensor(head.name,
                        fmt::format("\"shape\": expected no negative dimension, got {}", extent));
    }
    TRY(head.add_extent(static_cast<std::uint64_t>(extent)));
  }
  return head;
}

// Each datatype has its own list of elements.
base::Result<void> fill_typed(TensorInput& input, const TensorHead& head,
                              const TensorInput::Target& target,
                              const inference::InferTensorContents& contents) {
  constexpr TensorInput::List kList{.name = "\"contents\": ", .shape = "\"shape\""};
  const auto fill = [&](const auto& values) {
    return input.fill_numbers(head, target, values, kList,
                              [](auto value) { return static_cast<double>(value); });
  };
  switch (head.datatype) {
    case Datatype::Bool: return fill(contents.bool_contents());
    case Datatype::Int8:
    case Datatype::Int16:
    case Datatype::Int32: return fill(contents.int_contents());
    case Datatype::Int64: return fill(contents.int64_contents());
    case Datatype::Uint8:
    case Datatype::Uint16:
    case Datatype::Uint32: return fill(contents.uint_contents());
    case Datatype::Uint64: return fill(contents.uint64_contents());
    case Datatype::Fp32: return fill(contents.fp32_contents());
    case Datatype::Fp64: return fill(contents.fp64_contents());
    case Datatype::Bytes: return input.fill_texts(head, target, contents.bytes_contents(), kList);
    case Datatype::Fp16:
    case Datatype::Bf16: break;
  }
  return bad_tensor(head.name, fmt::format("expected {} in \"raw_input_contents\"",
                                           data::datatype_name(head.datatype)));
}

base::Result<void> ModelInfer::read_inputs(Ask& ask, std::size_t body_bytes) const {
  if (request_.inputs_size() > kInputsMax) {
    return Error(Code::Invalid, fmt::format("inputs: expected at most {}", kInputsMax));
  }
  for (const auto& tensor : request_.inputs()) {
    if (tensor.parameters().contains("shared_memory_region")) return no_shared_memory();
  }
  if (is_raw() && request_.raw_input_contents_size() != request_.inputs_size()) {
    return Error(Code::Invalid,
                 fmt::format("\"raw_input_contents\": expected one for each of the "
                             "{} inputs, got {}",
                             request_.inputs_size(), request_.raw_input_contents_size()));
  }
  TensorInput input(ask, body_bytes);
  for (int i = 0; i < request_.inputs_size(); ++i) {
    const auto& tensor = request_.inputs(i);
    TRY_ASSIGN(const TensorHead head, head_of(tensor));
    if (is_raw() && tensor.has_contents()) {
      return bad_tensor(head.name, "expected \"contents\" or \"raw_input_contents\", got both");
    }
    TRY_ASSIGN(const TensorInput::Target target, input.begin(head));
    if (is_raw()) {
      TRY(input.fill_binary(head, target, request_.raw_input_contents(i)));
    } else {
      TRY(fill_typed(input, head, target, tensor.contents()));
    }
  }
  return input.finish();
}

base::Result<void> ModelInfer::decode(const Incoming& in, Reader& reader) {
  TRY(parse_message(in.body, request_));
  TRY(read_parameters(reader.ask));
  TRY(read_outputs(reader.ask));
  return read_inputs(reader.ask, in.body.size());
}

template <typename T, typename List>
void append_typed(std::string_view bytes, List& list) {
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    list.Add(value);
  }
}

// The elements that append_binary wrote, in the list of their type.
void set_contents(Datatype type, std::string_view bytes, inference::InferTensorContents& contents) {
  switch (type) {
    case Datatype::Int64:
      return append_typed<std::int64_t>(bytes, *contents.mutable_int64_contents());
    case Datatype::Bool:
      for (const char each : bytes) contents.add_bool_contents(each != 0);
      return;
    case Datatype::Bytes:
      while (bytes.size() >= sizeof(std::uint32_t)) {
        std::uint32_t size = 0;
        std::memcpy(&size, bytes.data(), sizeof(size));
        contents.add_bytes_contents(std::string(bytes.substr(sizeof(size), size)));
        bytes.remove_prefix(sizeof(size) + size);
      }
      return;
    default: append_typed<double>(bytes, *contents.mutable_fp64_contents());
  }
}

base::Result<void> ModelInfer::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  inference::ModelStreamInferResponse streamed;
  inference::ModelInferResponse& response = *streamed.mutable_infer_response();
  response.set_model_name(endpoint_);
  response.set_model_version(request_.model_version());
  response.set_id(request_.id());
  for (std::size_t at = 0; at < ask.outputs.size(); ++at) {
    const Offer::Output& output = ask.offer.outputs()[ask.outputs[at]];
    auto& tensor = *response.add_outputs();
    tensor.set_name(output.name);
    tensor.set_datatype(std::string(data::datatype_name(output.datatype)));
    tensor.add_shape(static_cast<std::int64_t>(answers.rows));
    if (output.shape != Offer::Shape::Vector) {
      tensor.add_shape(static_cast<std::int64_t>(width_of(ask, answers, at)));
    }
    std::string bytes;
    append_binary(ask, answers, at, bytes);
    if (is_raw()) {
      response.add_raw_output_contents(std::move(bytes));
    } else {
      set_contents(output.datatype, bytes, *tensor.mutable_contents());
    }
  }
  // As Triton tells who calls models that answer a request several times.
  if (call_ == Call::Stream) {
    (*response.mutable_parameters())["triton_final_response"].set_bool_param(true);
  }
  out.content_type = "application/grpc";
  return append_message(call_ == Call::Stream
                            ? static_cast<const google::protobuf::MessageLite&>(streamed)
                            : response,
                        out.body);
}

void set_duration(const oip_rest::Statistics::Sum& sum, inference::StatisticDuration* out) {
  out->set_count(sum.count);
  out->set_ns(sum.ns);
}

// Calls `add` with each extent; -1: as many as come.
template <typename Add>
void add_shape(const Offer::Output& output, const Add& add) {
  add(-1);
  if (output.shape == Offer::Shape::Matrix) add(static_cast<std::int64_t>(output.width));
  if (output.shape == Offer::Shape::Ranked) add(-1);
}

// Triton's name of a datatype that outputs have.
inference::DataType type_of(Datatype datatype) {
  switch (datatype) {
    case Datatype::Bool: return inference::TYPE_BOOL;
    case Datatype::Int64: return inference::TYPE_INT64;
    case Datatype::Bytes: return inference::TYPE_STRING;
    default: return inference::TYPE_FP64;
  }
}

// Messages of our own making are small and whole: writing them does not fail.
void append_own(const google::protobuf::MessageLite& message, std::string& out) {
  static_cast<void>(append_message(message, out).ok());
}

}  // namespace

std::unique_ptr<Codec> make_codec(std::string endpoint, Call call) {
  return std::make_unique<ModelInfer>(std::move(endpoint), call);
}

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
  for (const data::Column& column : offer.inputs().columns) {
    auto& input = *response.add_inputs();
    input.set_name(column.name);
    input.set_datatype(column.type == data::ColumnType::Text ? "BYTES" : "FP64");
    input.add_shape(-1);
  }
  for (const Offer::Output& each : offer.outputs()) {
    auto& output = *response.add_outputs();
    output.set_name(each.name);
    output.set_datatype(std::string(data::datatype_name(each.datatype)));
    add_shape(each, [&](std::int64_t extent) { output.add_shape(extent); });
  }
  append_own(response, out);
}

void encode_model_config(std::string_view model, const Offer& offer, std::string& out) {
  inference::ModelConfigResponse response;
  inference::ModelConfig& config = *response.mutable_config();
  config.set_name(std::string(model));
  config.set_platform(std::string(offer.platform()));
  config.set_backend("sooth");
  for (const data::Column& column : offer.inputs().columns) {
    auto& input = *config.add_input();
    input.set_name(column.name);
    input.set_data_type(column.type == data::ColumnType::Text ? inference::TYPE_STRING
                                                              : inference::TYPE_FP64);
    input.add_dims(-1);
    input.set_optional(!column.used);
  }
  for (const Offer::Output& each : offer.outputs()) {
    auto& output = *config.add_output();
    output.set_name(each.name);
    output.set_data_type(type_of(each.datatype));
    add_shape(each, [&](std::int64_t extent) { output.add_dims(extent); });
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
