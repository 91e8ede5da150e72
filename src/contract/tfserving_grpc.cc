#include "contract/tfserving_grpc.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <tensorflow_serving.pb.h>

#include "base/text.h"
#include "contract/json_rows.h"
#include "contract/network_input.h"
#include "contract/offered_tensors.h"
#include "contract/outputs.h"
#include "contract/protobuf.h"
#include "contract/tfserving_verbs.h"

namespace contract::tfserving_grpc {
namespace {

using base::Code;
using base::Error;
using data::Datatype;
using tensorflow::TensorProto;

using tfserving::kUsualSignature;

constexpr std::size_t kInputsMax = 10'000;

constexpr std::pair<tensorflow::DataType, Datatype> kTypes[] = {
    {tensorflow::DT_FLOAT, Datatype::Fp32},    {tensorflow::DT_DOUBLE, Datatype::Fp64},
    {tensorflow::DT_INT32, Datatype::Int32},   {tensorflow::DT_UINT8, Datatype::Uint8},
    {tensorflow::DT_INT16, Datatype::Int16},   {tensorflow::DT_INT8, Datatype::Int8},
    {tensorflow::DT_STRING, Datatype::Bytes},  {tensorflow::DT_INT64, Datatype::Int64},
    {tensorflow::DT_BOOL, Datatype::Bool},     {tensorflow::DT_BFLOAT16, Datatype::Bf16},
    {tensorflow::DT_UINT16, Datatype::Uint16}, {tensorflow::DT_HALF, Datatype::Fp16},
    {tensorflow::DT_UINT32, Datatype::Uint32}, {tensorflow::DT_UINT64, Datatype::Uint64},
};

std::optional<Datatype> datatype_of(tensorflow::DataType type) {
  for (const auto& [theirs, ours] : kTypes) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

tensorflow::DataType type_of(Datatype datatype) {
  for (const auto& [theirs, ours] : kTypes) {
    if (ours == datatype) return theirs;
  }
  return tensorflow::DT_INVALID;
}

class Predict final : public Codec {
 public:
  explicit Predict(std::string endpoint) : endpoint_(std::move(endpoint)) {}
  base::Result<void> decode(const Incoming& in, Reader& reader) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  base::Result<void> choose(Ask& ask) const;

  const std::string endpoint_;
  tensorflow::serving::PredictRequest request_;  // Texts of the ask are views of it.
};

// The usual outputs, those of a signature, or of either those that the filter names.
base::Result<void> Predict::choose(Ask& ask) const {
  const std::string& signature = request_.model_spec().signature_name();
  ask.want_usual_outputs();
  TRY(tfserving::choose_signature(ask, signature));
  if (request_.output_filter().empty()) return {};
  ask.outputs.clear();
  for (const std::string& name : request_.output_filter()) {
    TRY_ASSIGN(const std::size_t at, ask.offer.find_output(name, "\"output_filter\""));
    if (std::find(ask.outputs.begin(), ask.outputs.end(), at) != ask.outputs.end()) {
      return Error(Code::Invalid, fmt::format("\"output_filter\": expected {} once, got it twice",
                                              base::quote(name)));
    }
    ask.outputs.push_back(at);
  }
  return {};
}

base::Result<TensorHead> head_of(std::string_view name, const TensorProto& tensor) {
  TensorHead head{.name = name};
  const auto datatype = datatype_of(tensor.dtype());
  if (!datatype) {
    return bad_tensor(name, fmt::format("\"dtype\": expected one of numbers, of booleans or of "
                                        "strings, got {}",
                                        static_cast<int>(tensor.dtype())));
  }
  head.datatype = *datatype;
  for (const auto& dim : tensor.tensor_shape().dim()) {
    if (dim.size() < 0) {
      return bad_tensor(name, fmt::format("\"tensor_shape\": expected no negative dimension, got "
                                          "{}",
                                          dim.size()));
    }
    TRY(head.add_extent(static_cast<std::uint64_t>(dim.size())));
  }
  return head;
}

// Each datatype has its own list of elements, unless they come as bytes.
template <typename Input>
base::Result<void> fill(const TensorHead& head, const typename Input::Target& target,
                        const TensorProto& tensor, Input& input) {
  constexpr TensorInput::List kList{.name = "", .shape = "\"tensor_shape\"", .repeats_last = true};
  const auto fill_numbers = [&](const auto& values) {
    return input.fill_numbers(head, target, values, kList,
                              [](auto value) { return static_cast<double>(value); });
  };
  // Bits of a 16-bit floating point number, each in an integer.
  const auto number_of_half = [&](std::int32_t bits) {
    char bytes[2];
    std::memcpy(bytes, &bits, sizeof(bytes));
    return data::read_number(head.datatype, bytes);
  };
  if (head.datatype == Datatype::Bytes) {
    return input.fill_texts(head, target, tensor.string_val(), kList);
  }
  if (!tensor.tensor_content().empty()) {
    return input.fill_binary(head, target, tensor.tensor_content());
  }
  switch (head.datatype) {
    case Datatype::Fp32: return fill_numbers(tensor.float_val());
    case Datatype::Fp64: return fill_numbers(tensor.double_val());
    case Datatype::Int64: return fill_numbers(tensor.int64_val());
    case Datatype::Bool: return fill_numbers(tensor.bool_val());
    case Datatype::Uint32: return fill_numbers(tensor.uint32_val());
    case Datatype::Uint64: return fill_numbers(tensor.uint64_val());
    case Datatype::Fp16:
    case Datatype::Bf16:
      return input.fill_numbers(head, target, tensor.half_val(), kList, number_of_half);
    default: return fill_numbers(tensor.int_val());
  }
}

base::Result<void> Predict::decode(const Incoming& in, Reader& reader) {
  Ask& ask = reader.ask;
  TRY(parse_message(in.body, request_));
  TRY(choose(ask));
  if (request_.inputs_size() > static_cast<int>(kInputsMax)) {
    return Error(Code::Invalid, fmt::format("inputs: expected at most {}", kInputsMax));
  }
  // One value may stand for all of a tensor, so the rows are not bounded by the bytes; a message
  // has no more rows than bytes all the same.
  AnyInput input(ask, in.body.size());
  for (const auto& named : request_.inputs()) {
    TRY_ASSIGN(const TensorHead head, head_of(named.first, named.second));
    TRY(input.take(head, [&](auto& into) -> base::Result<void> {
      TRY_ASSIGN(const auto target, into.begin(head));
      return fill(head, target, named.second, into);
    }));
  }
  return input.finish();
}

base::Result<void> Predict::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  tensorflow::serving::PredictResponse response;
  *response.mutable_model_spec() = request_.model_spec();
  response.mutable_model_spec()->set_name(endpoint_);
  for (std::size_t at = 0; at < ask.outputs.size(); ++at) {
    const Offer::Output& output = ask.offer.outputs()[ask.outputs[at]];
    TensorProto& tensor = (*response.mutable_outputs())[output.name];
    tensor.set_dtype(type_of(output.datatype));
    auto& shape = *tensor.mutable_tensor_shape();
    for (const std::int64_t extent : shape_of(ask, answers, at)) shape.add_dim()->set_size(extent);
    std::string bytes;
    append_binary(ask, answers, at, bytes);
    if (output.datatype != Datatype::Bytes) {
      tensor.set_tensor_content(std::move(bytes));
      continue;
    }
    std::string_view rest = bytes;
    while (rest.size() >= sizeof(std::uint32_t)) {
      std::uint32_t size = 0;
      std::memcpy(&size, rest.data(), sizeof(size));
      tensor.add_string_val(std::string(rest.substr(sizeof(size), size)));
      rest.remove_prefix(sizeof(size) + size);
    }
  }
  out.content_type = "application/grpc";
  return append_message(response, out.body);
}

void set_info(const OfferedTensor& tensor, tensorflow::TensorInfo& info) {
  info.set_name(std::string(tensor.name));
  info.set_dtype(type_of(tensor.datatype));
  if (tensor.any_rank) return info.mutable_tensor_shape()->set_unknown_rank(true);
  info.mutable_tensor_shape();
  for (const std::int64_t extent : tensor.shape) {
    info.mutable_tensor_shape()->add_dim()->set_size(extent);
  }
}

std::int64_t number_of(std::string_view version) {
  std::int64_t number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

}  // namespace

std::unique_ptr<Codec> make_codec(std::string endpoint) {
  return std::make_unique<Predict>(std::move(endpoint));
}

ModelSpec find_model_spec(std::string_view request) {
  const auto spec = find_field(request, 1);
  if (!spec) return {};
  ModelSpec found{.name = find_field(*spec, 1).value_or("")};
  if (const auto version = find_field(*spec, 2)) {
    const auto number = find_integer(*version, 1);
    if (number && *number != 0) found.version = std::to_string(*number);
  }
  if (const auto label = find_field(*spec, 4)) found.version = std::string(*label);
  return found;
}

void encode_status(std::string_view version, bool ready, std::string& out) {
  using tensorflow::serving::ModelVersionStatus;
  tensorflow::serving::GetModelStatusResponse response;
  auto& status = *response.add_model_version_status();
  status.set_version(number_of(version));
  status.set_state(ready ? ModelVersionStatus::AVAILABLE : ModelVersionStatus::UNLOADING);
  status.mutable_status();
  static_cast<void>(append_message(response, out).ok());
}

void encode_metadata(std::string_view model, std::string_view version, const Offer& offer,
                     std::string& out) {
  tensorflow::serving::SignatureDefMap signatures;
  auto& usual = (*signatures.mutable_signature_def())[std::string(kUsualSignature)];
  usual.set_method_name("tensorflow/serving/predict");
  for (const OfferedTensor& input : offered_inputs(offer)) {
    set_info(input, (*usual.mutable_inputs())[std::string(input.name)]);
  }
  const std::vector<OfferedTensor> outputs = offered_outputs(offer);
  for (std::size_t i = 0; i < offer.usual_outputs(); ++i) {
    set_info(outputs[i], (*usual.mutable_outputs())[std::string(outputs[i].name)]);
  }
  tensorflow::serving::GetModelMetadataResponse response;
  response.mutable_model_spec()->set_name(std::string(model));
  response.mutable_model_spec()->mutable_version()->set_value(number_of(version));
  auto& packed = (*response.mutable_metadata())["signature_def"];
  packed.set_type_url("type.googleapis.com/tensorflow.serving.SignatureDefMap");
  std::string bytes;
  static_cast<void>(append_message(signatures, bytes).ok());
  packed.set_value(std::move(bytes));
  static_cast<void>(append_message(response, out).ok());
}

}  // namespace contract::tfserving_grpc
