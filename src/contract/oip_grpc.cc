#include "contract/oip_grpc.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <inference.pb.h>

#include "base/text.h"
#include "contract/network_input.h"
#include "contract/outputs.h"
#include "contract/protobuf.h"
#include "contract/request_fields.h"

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
  base::Result<void> read_input(int at, AnyInput& input) const;
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
  for (std::size_t i = 0; i < ask.offer.unasked_outputs(); ++i) ask.outputs.push_back(i);
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
template <typename Input>
base::Result<void> fill_typed(Input& input, const TensorHead& head,
                              const typename Input::Target& target,
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
  AnyInput input(ask, body_bytes);
  for (int i = 0; i < request_.inputs_size(); ++i) TRY(read_input(i, input));
  return input.finish();
}

base::Result<void> ModelInfer::read_input(int at, AnyInput& input) const {
  const auto& tensor = request_.inputs(at);
  TRY_ASSIGN(const TensorHead head, head_of(tensor));
  if (is_raw() && tensor.has_contents()) {
    return bad_tensor(head.name, "expected \"contents\" or \"raw_input_contents\", got both");
  }
  return input.take(head, [&](auto& into) -> base::Result<void> {
    TRY_ASSIGN(const auto target, into.begin(head));
    return is_raw() ? into.fill_binary(head, target, request_.raw_input_contents(at))
                    : fill_typed(into, head, target, tensor.contents());
  });
}

base::Result<void> ModelInfer::decode(const Incoming& in, Reader& reader) {
  TRY(parse_message(in.body, request_));
  TRY(read_parameters(reader.ask));
  TRY(read_outputs(reader.ask));
  return read_inputs(reader.ask, in.body.size());
}

template <typename T, typename List>
void append_typed(std::string_view bytes, List& list) {
  list.Reserve(static_cast<int>(bytes.size() / sizeof(T)));
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    list.Add(value);
  }
}

void append_texts(std::string_view bytes, inference::InferTensorContents& contents) {
  while (bytes.size() >= sizeof(std::uint32_t)) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof(size));
    contents.add_bytes_contents(std::string(bytes.substr(sizeof(size), size)));
    bytes.remove_prefix(sizeof(size) + size);
  }
}

// The elements that append_binary wrote, in the list of their type. Floats of 16 bits have none.
void set_contents(Datatype type, std::string_view bytes, inference::InferTensorContents& contents) {
  auto& ints = *contents.mutable_int_contents();
  auto& uints = *contents.mutable_uint_contents();
  switch (type) {
    case Datatype::Bool: return append_typed<bool>(bytes, *contents.mutable_bool_contents());
    case Datatype::Uint8: return append_typed<std::uint8_t>(bytes, uints);
    case Datatype::Uint16: return append_typed<std::uint16_t>(bytes, uints);
    case Datatype::Uint32: return append_typed<std::uint32_t>(bytes, uints);
    case Datatype::Uint64:
      return append_typed<std::uint64_t>(bytes, *contents.mutable_uint64_contents());
    case Datatype::Int8: return append_typed<std::int8_t>(bytes, ints);
    case Datatype::Int16: return append_typed<std::int16_t>(bytes, ints);
    case Datatype::Int32: return append_typed<std::int32_t>(bytes, ints);
    case Datatype::Int64:
      return append_typed<std::int64_t>(bytes, *contents.mutable_int64_contents());
    case Datatype::Fp32: return append_typed<float>(bytes, *contents.mutable_fp32_contents());
    case Datatype::Fp64: return append_typed<double>(bytes, *contents.mutable_fp64_contents());
    case Datatype::Bytes: return append_texts(bytes, contents);
    case Datatype::Fp16:
    case Datatype::Bf16: break;
  }
}

bool has_list(Datatype type) { return type != Datatype::Fp16 && type != Datatype::Bf16; }

base::Result<void> ModelInfer::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  inference::ModelStreamInferResponse streamed;
  inference::ModelInferResponse& response = *streamed.mutable_infer_response();
  response.set_model_name(endpoint_);
  response.set_model_version(request_.model_version());
  response.set_id(request_.id());
  // Either all are raw or none is.
  const auto& outputs = ask.offer.outputs();
  const bool raw = is_raw() || std::any_of(ask.outputs.begin(), ask.outputs.end(), [&](auto each) {
                     return !has_list(outputs[each].datatype);
                   });
  for (std::size_t at = 0; at < ask.outputs.size(); ++at) {
    const Offer::Output& output = outputs[ask.outputs[at]];
    auto& tensor = *response.add_outputs();
    tensor.set_name(output.name);
    tensor.set_datatype(std::string(data::datatype_name(output.datatype)));
    for (const std::int64_t extent : shape_of(ask, answers, at)) tensor.add_shape(extent);
    std::string bytes;
    append_binary(ask, answers, at, bytes);
    if (raw) {
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

}  // namespace

std::unique_ptr<Codec> make_codec(std::string endpoint, Call call) {
  return std::make_unique<ModelInfer>(std::move(endpoint), call);
}

}  // namespace contract::oip_grpc
