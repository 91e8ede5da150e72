// A network of tensors behind the protocols over gRPC.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <tensorflow_serving.pb.h>

#include "front/test_grpc_call.h"
#include "front/test_tensors_house.h"

namespace front {
namespace {

using contract::testing::load_echo;
using contract::testing::test_spec;
using data::Datatype;
using testing::bytes_of;
using testing::call_with;
using testing::House;
using testing::kGrpcPredict;
using testing::kModelInfer;
using testing::TensorsTest;
using testing::text_element;

inference::ModelInferRequest::InferInputTensor& add_tensor(inference::ModelInferRequest& request,
                                                           const std::string& name,
                                                           const std::string& type,
                                                           const std::vector<int>& shape) {
  auto& input = *request.add_inputs();
  input.set_name(name);
  input.set_datatype(type);
  for (const int extent : shape) input.add_shape(extent);
  return input;
}

TEST_F(TensorsTest, OipOverGrpc) {
  inference::ModelInferRequest request;
  request.set_model_name("echo");
  auto* ids = add_tensor(request, "ids", "INT64", {1, 2}).mutable_contents();
  ids->add_int64_contents(9007199254740993);
  ids->add_int64_contents(-1);
  add_tensor(request, "scale", "FP32", {1}).mutable_contents()->add_fp32_contents(0.5F);
  add_tensor(request, "words", "BYTES", {1}).mutable_contents()->add_bytes_contents("\xff");
  inference::ModelInferResponse answer;
  ASSERT_EQ(call_with(three_, kModelInfer, request, answer), "");
  ASSERT_EQ(answer.outputs_size(), 4);
  EXPECT_EQ(answer.outputs(0).contents().int64_contents(0), 9007199254740993);
  EXPECT_EQ(answer.outputs(1).contents().fp32_contents(0), 0.5F);
  EXPECT_EQ(answer.outputs(2).contents().bytes_contents(0), "\xff");
  EXPECT_EQ(answer.outputs(3).shape_size(), 0);
  EXPECT_EQ(answer.outputs(3).contents().int64_contents(0), 2);

  for (int i = 0; i < 3; ++i) request.mutable_inputs(i)->clear_contents();
  const std::string raw[] = {bytes_of(std::vector<std::int64_t>{5, 6}),
                             bytes_of(std::vector<float>{7}), text_element("b")};
  for (const std::string& each : raw) request.add_raw_input_contents(each);
  request.add_outputs()->set_name("words_out");
  request.add_outputs()->set_name("ids_out");
  ASSERT_EQ(call_with(three_, kModelInfer, request, answer), "");
  ASSERT_EQ(answer.raw_output_contents_size(), 2);
  EXPECT_EQ(answer.raw_output_contents(0), raw[2]);
  EXPECT_EQ(answer.raw_output_contents(1), raw[0]);
  request.mutable_inputs(1)->set_datatype("FP64");
  EXPECT_EQ(call_with(three_, kModelInfer, request, answer),
            "3 input \"scale\": expected FP32[?], got FP64[1]");
}

// Each datatype in the list that it has, there and back.
TEST_F(TensorsTest, OipOverGrpcInTypedLists) {
  const struct {
    Datatype type;
    std::int64_t number;
  } cases[] = {{Datatype::Bool, 1},     {Datatype::Uint8, 255}, {Datatype::Uint16, 65535},
               {Datatype::Uint32, 7},   {Datatype::Uint64, 8},  {Datatype::Int8, -128},
               {Datatype::Int16, -300}, {Datatype::Int32, -9},  {Datatype::Int64, -10},
               {Datatype::Fp32, 11},    {Datatype::Fp64, 12}};
  for (const auto& c : cases) {
    House house(load_echo({test_spec("x", c.type, {1})}));
    inference::ModelInferRequest request;
    request.set_model_name("echo");
    auto& contents =
        *add_tensor(request, "x", std::string(data::datatype_name(c.type)), {1}).mutable_contents();
    const auto number = c.number;
    switch (c.type) {
      case Datatype::Bool: contents.add_bool_contents(true); break;
      case Datatype::Uint8:
      case Datatype::Uint16:
      case Datatype::Uint32: contents.add_uint_contents(static_cast<std::uint32_t>(number)); break;
      case Datatype::Uint64:
        contents.add_uint64_contents(static_cast<std::uint64_t>(number));
        break;
      case Datatype::Int64: contents.add_int64_contents(number); break;
      case Datatype::Fp32: contents.add_fp32_contents(static_cast<float>(number)); break;
      case Datatype::Fp64: contents.add_fp64_contents(static_cast<double>(number)); break;
      default: contents.add_int_contents(static_cast<std::int32_t>(number));
    }
    inference::ModelInferResponse answer;
    ASSERT_EQ(call_with(house, kModelInfer, request, answer), "") << number;
    EXPECT_EQ(answer.outputs(0).contents().SerializeAsString(), contents.SerializeAsString());
  }
  House bytes(load_echo({test_spec("x", Datatype::Uint8, {1})}));
  inference::ModelInferRequest request;
  request.set_model_name("echo");
  add_tensor(request, "x", "UINT8", {1}).mutable_contents()->add_uint_contents(256);
  inference::ModelInferResponse answer;
  EXPECT_EQ(call_with(bytes, kModelInfer, request, answer),
            "3 input \"x\": element 0: expected UINT8, got 256");
}

// They have no list, so the answer is raw.
TEST_F(TensorsTest, HalvesOverGrpc) {
  House house(load_echo({test_spec("x", Datatype::Fp16, {-1})}));
  inference::ModelInferRequest request;
  request.set_model_name("echo");
  add_tensor(request, "x", "FP16", {1}).mutable_contents()->add_fp32_contents(1);
  inference::ModelInferResponse answer;
  EXPECT_EQ(call_with(house, kModelInfer, request, answer),
            "3 input \"x\": expected FP16 in \"raw_input_contents\"");
  request.mutable_inputs(0)->clear_contents();
  request.add_raw_input_contents(std::string("\x00\x3c", 2));
  ASSERT_EQ(call_with(house, kModelInfer, request, answer), "");
  EXPECT_EQ(answer.raw_output_contents(0), std::string("\x00\x3c", 2));
}

TEST_F(TensorsTest, OipMetadataOverGrpc) {
  inference::ModelMetadataRequest request;
  request.set_name("echo");
  inference::ModelMetadataResponse answer;
  ASSERT_EQ(call_with(three_, "/inference.GRPCInferenceService/ModelMetadata", request, answer),
            "");
  EXPECT_EQ(answer.platform(), "onnxruntime_onnx");
  EXPECT_EQ(answer.inputs(0).datatype(), "INT64");
  EXPECT_EQ(answer.inputs(0).shape_size(), 2);
  EXPECT_EQ(answer.outputs(3).shape_size(), 0);
  inference::ModelConfigRequest configure;
  configure.set_name("echo");
  inference::ModelConfigResponse config;
  ASSERT_EQ(call_with(three_, "/inference.GRPCInferenceService/ModelConfig", configure, config),
            "");
  EXPECT_EQ(config.config().input(2).data_type(), inference::TYPE_STRING);
  EXPECT_EQ(config.config().output(1).data_type(), inference::TYPE_FP32);
}

tensorflow::TensorProto& add_tensor(tensorflow::serving::PredictRequest& request,
                                    const std::string& name, tensorflow::DataType type,
                                    const std::vector<int>& shape) {
  auto& tensor = (*request.mutable_inputs())[name];
  tensor.set_dtype(type);
  for (const int extent : shape) tensor.mutable_tensor_shape()->add_dim()->set_size(extent);
  return tensor;
}

TEST_F(TensorsTest, TensorFlowServingOverGrpc) {
  tensorflow::serving::PredictRequest request;
  request.mutable_model_spec()->set_name("echo");
  // The last of a list stands for the rest.
  auto& ids = add_tensor(request, "ids", tensorflow::DT_INT64, {2, 2});
  ids.add_int64_val(9007199254740993);
  ids.add_int64_val(2);
  add_tensor(request, "scale", tensorflow::DT_FLOAT, {2})
      .set_tensor_content(bytes_of(std::vector<float>{3, 4}));
  add_tensor(request, "words", tensorflow::DT_STRING, {1}).add_string_val("a");
  tensorflow::serving::PredictResponse answer;
  ASSERT_EQ(call_with(three_, kGrpcPredict, request, answer), "");
  EXPECT_EQ(answer.outputs().at("ids_out").tensor_content(),
            bytes_of(std::vector<std::int64_t>{9007199254740993, 2, 2, 2}));
  EXPECT_EQ(answer.outputs().at("ids_out").tensor_shape().dim_size(), 2);
  EXPECT_EQ(answer.outputs().at("scale_out").dtype(), tensorflow::DT_FLOAT);
  EXPECT_EQ(answer.outputs().at("words_out").string_val(0), "a");
  EXPECT_EQ(answer.outputs().at("elements").tensor_shape().dim_size(), 0);
  request.add_output_filter("words_out");
  ASSERT_EQ(call_with(three_, kGrpcPredict, request, answer), "");
  EXPECT_EQ(answer.outputs_size(), 1);
  ids.mutable_tensor_shape()->mutable_dim(0)->set_size(1'000'000'000'000);
  EXPECT_EQ(call_with(three_, kGrpcPredict, request, answer),
            "3 input \"ids\": expected no more elements than the body has room for, got "
            "[1000000000000,2] in \"shape\"");
}

TEST_F(TensorsTest, HalvesOfTensorFlowAreBits) {
  House house(load_echo({test_spec("x", Datatype::Bf16, {-1})}));
  tensorflow::serving::PredictRequest request;
  request.mutable_model_spec()->set_name("echo");
  add_tensor(request, "x", tensorflow::DT_BFLOAT16, {3}).add_half_val(0x3f80);
  tensorflow::serving::PredictResponse answer;
  ASSERT_EQ(call_with(house, kGrpcPredict, request, answer), "");
  EXPECT_EQ(answer.outputs().at("x_out").tensor_content(), "\x80\x3f\x80\x3f\x80\x3f");
}

}  // namespace
}  // namespace front
