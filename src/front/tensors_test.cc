// A network of tensors behind every protocol.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <tensorflow_serving.pb.h>
#include <nlohmann/json.hpp>

#include "contract/test_tensors.h"
#include "front/test_grpc_call.h"
#include "front/test_house.h"
#include "scorer/test_network.h"

namespace front {
namespace {

using contract::testing::load_echo;
using contract::testing::load_pairs;
using contract::testing::load_three;
using contract::testing::test_spec;
using data::Datatype;
using testing::bytes_of;
using testing::call_with;
using testing::House;
using TensorsJson = nlohmann::json;

const std::string kInfer = "/v2/models/echo/infer";
const std::string kPredict = "/v1/models/echo:predict";
const std::string kModelInfer = "/inference.GRPCInferenceService/ModelInfer";
const std::string kGrpcPredict = "/tensorflow.serving.PredictionService/Predict";

std::string text_element(const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + text;
}

class TensorsTest : public ::testing::Test {
 protected:
  static TensorsJson json_of(const House::Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return TensorsJson::parse(answer.body, nullptr, false);
  }
  static House::Answer post_binary(House& house, const std::string& json,
                                   const std::string& bytes) {
    return house.ask(net::Method::Post, kInfer, json + bytes,
                     {{"Content-Type", "application/octet-stream"},
                      {"Inference-Header-Content-Length", std::to_string(json.size())}});
  }
  static std::string refusal_of(const House::Answer& answer) {
    EXPECT_EQ(answer.status, 400) << answer.body;
    const TensorsJson json = TensorsJson::parse(answer.body, nullptr, false);
    return json.contains("error") ? json["error"] : json["message"];
  }

  House three_{load_three()};
  House pairs_{load_pairs()};
};

TEST_F(TensorsTest, OipInJson) {
  const TensorsJson answer = json_of(three_.post(kInfer, R"({"id":"7","inputs":[
      {"name":"words","datatype":"BYTES","shape":[2],"data":["a","\u00fc"]},
      {"name":"ids","datatype":"INT64","shape":[2,2],"data":[[1,9007199254740993],[3,4]]},
      {"name":"scale","datatype":"FP32","shape":[1],"data":[0.1]}]})"));
  EXPECT_EQ(answer, TensorsJson::parse(R"({"model_name":"echo","id":"7","outputs":[
      {"name":"ids_out","shape":[2,2],"datatype":"INT64","data":[1,9007199254740993,3,4]},
      {"name":"scale_out","shape":[1],"datatype":"FP32","data":[0.1]},
      {"name":"words_out","shape":[2],"datatype":"BYTES","data":["a","ü"]},
      {"name":"elements","shape":[],"datatype":"INT64","data":[4]}]})"));
}

TEST_F(TensorsTest, OipInBinaryAndMixed) {
  const std::string ids = bytes_of(std::vector<std::int64_t>{1, 2, 3});
  const std::string words = text_element("a") + text_element("") + text_element("\xff");
  const std::string json =
      R"({"inputs":[{"name":"ids","datatype":"INT64","shape":[1,3],"parameters":)"
      R"({"binary_data_size":24}},{"name":"scale","datatype":"FP32","shape":[2],"data":[1,2]},)"
      R"({"name":"words","datatype":"BYTES","shape":[3],"parameters":{"binary_data_size":)" +
      std::to_string(words.size()) +
      R"(}}],"outputs":[{"name":"words_out","parameters":{"binary_data":true}},)"
      R"({"name":"scale_out"},{"name":"ids_out","parameters":{"binary_data":true}}]})";
  const auto answer = post_binary(three_, json, ids + words);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::size_t json_bytes = std::stoul(answer.field("Inference-Header-Content-Length"));
  const TensorsJson head = TensorsJson::parse(answer.body.substr(0, json_bytes));
  EXPECT_EQ(head["outputs"][0]["name"], "words_out");
  EXPECT_EQ(head["outputs"][0]["parameters"]["binary_data_size"], words.size());
  EXPECT_EQ(head["outputs"][1]["data"], TensorsJson({1, 2}));
  EXPECT_EQ(head["outputs"][2]["shape"], TensorsJson({1, 3}));
  EXPECT_EQ(answer.body.substr(json_bytes), words + ids);
  // A text that JSON cannot write.
  const auto in_json =
      post_binary(three_, json.substr(0, json.find(",\"outputs\"")) + "}", ids + words);
  EXPECT_EQ(json_of(in_json)["outputs"][2]["data"],
            TensorsJson::parse(R"(["a","",{"b64":"/w=="}])"));
}

TEST_F(TensorsTest, OipOfBytesAlone) {
  const auto raw = [&](House& house, const std::string& body) {
    return house.ask(
        net::Method::Post, kInfer, body,
        {{"Content-Type", "application/octet-stream"}, {"Inference-Header-Content-Length", "0"}});
  };
  const std::string numbers = bytes_of(std::vector<float>{1, 2, 3, 4});
  const auto answer = raw(pairs_, numbers);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body.substr(answer.body.size() - numbers.size()), numbers);
  EXPECT_NE(answer.body.find(R"("shape":[2,2])"), std::string::npos);
  EXPECT_EQ(refusal_of(raw(pairs_, "12345")),
            "input \"x\": expected 2 elements of 4 bytes as \"shape\" and \"datatype\" say, got 5 "
            "bytes");
  EXPECT_EQ(refusal_of(raw(three_, "x")),
            "body: expected JSON, as the model has 3 inputs, got binary data alone");
  House open(load_echo({test_spec("x", Datatype::Fp32, {-1, -1})}));
  EXPECT_EQ(refusal_of(raw(open, numbers)),
            "body: expected JSON, as FP32[?,?] does not say its shape, got binary data alone");
  House words(load_echo({test_spec("x", Datatype::Bytes, {-1})}));
  const auto text = raw(words, "\xff\xd8");
  ASSERT_EQ(text.status, 200) << text.body;
  EXPECT_EQ(text.body.substr(text.body.size() - 6), text_element("\xff\xd8"));
}

TEST_F(TensorsTest, OipSaysWhatWasExpected) {
  const struct {
    const char* inputs;
    const char* message;
  } cases[] = {
      {R"([{"name":"x","datatype":"FP64","shape":[1,2],"data":[1,2]}])",
       "input \"x\": expected FP32[?,2], got FP64[1,2]"},
      {R"([{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}])",
       "input \"x\": expected FP32[?,2], got FP32[1,3]"},
      {R"([{"name":"x","datatype":"FP32","shape":[2,2],"data":[1,2,3]}])",
       "input \"x\": \"data\": expected 4 elements as \"shape\" says, got 3"},
      {R"([{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2,3]}])",
       "input \"x\": \"data\": expected 2 elements as \"shape\" says, got 3"},
      {R"([{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,null]}])",
       "input \"x\": element 1: expected FP32, got null"},
      {R"([{"name":"y","datatype":"FP32","shape":[1,2],"data":[1,2]}])",
       "\"inputs\": expected \"x\", got \"y\""},
      {R"([{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]},)"
       R"({"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}])",
       "input \"x\": expected it once, got it twice"},
      {"[]", "input \"x\": expected FP32[?,2], got none"},
      // A shape of billions takes no memory.
      {R"([{"name":"x","datatype":"FP32","shape":[9000000000000,2],"data":[1,2]}])",
       "input \"x\": expected no more elements than the body has room for, got "
       "[9000000000000,2] in \"shape\""},
      {R"([{"name":"x","datatype":"FP32","shape":[18446744073709551615,2],"data":[]}])",
       "input \"x\": expected no more elements than the body has room for, got "
       "[18446744073709551615,2] in \"shape\""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(refusal_of(pairs_.post(kInfer, R"({"inputs":)" + std::string(c.inputs) + "}")),
              c.message)
        << c.inputs;
  }
  EXPECT_EQ(refusal_of(post_binary(pairs_,
                                   R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],)"
                                   R"("parameters":{"binary_data_size":7}}]})",
                                   "1234567")),
            "input \"x\": expected 2 elements of 4 bytes as \"shape\" and \"datatype\" say, got 7 "
            "bytes");
  EXPECT_EQ(json_of(pairs_.post(kInfer, R"({"inputs":[{"name":"x","datatype":"FP32",)"
                                        R"("shape":[0,2],"data":[]}]})"))["outputs"][0]["shape"],
            TensorsJson({0, 2}));
}

// Where an extent is 0, arrays within the others would be written all the same.
TEST_F(TensorsTest, ATensorOfNothingIsNoLargeAnswer) {
  House open(load_echo({test_spec("x", Datatype::Fp32, {-1, -1})}));
  EXPECT_EQ(refusal_of(open.post(kInfer, R"({"inputs":[{"name":"x","datatype":"FP32",)"
                                         R"("shape":[9000000000,0],"data":[]}]})")),
            "input \"x\": expected no more elements than the body has room for, got "
            "[9000000000,0] in \"shape\"");
}

TEST_F(TensorsTest, OipMetadataAndConfiguration) {
  const TensorsJson model = json_of(three_.get("/v2/models/echo"));
  EXPECT_EQ(model["platform"], "onnxruntime_onnx");
  EXPECT_EQ(model["inputs"], TensorsJson::parse(R"([
      {"name":"ids","datatype":"INT64","shape":[-1,-1]},
      {"name":"scale","datatype":"FP32","shape":[-1]},
      {"name":"words","datatype":"BYTES","shape":[-1]}])"));
  EXPECT_EQ(model["outputs"][3],
            TensorsJson::parse(R"({"name":"elements","datatype":"INT64","shape":[]})"));
  const TensorsJson config = json_of(three_.get("/v2/models/echo/config"));
  EXPECT_EQ(config["input"][1], TensorsJson::parse(R"({"name":"scale","data_type":"TYPE_FP32",)"
                                                   R"("dims":[-1],"optional":false})"));
}

inference::ModelInferRequest::InferInputTensor& add_input(inference::ModelInferRequest& request,
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
  auto* ids = add_input(request, "ids", "INT64", {1, 2}).mutable_contents();
  ids->add_int64_contents(9007199254740993);
  ids->add_int64_contents(-1);
  add_input(request, "scale", "FP32", {1}).mutable_contents()->add_fp32_contents(0.5F);
  add_input(request, "words", "BYTES", {1}).mutable_contents()->add_bytes_contents("\xff");
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
        *add_input(request, "x", std::string(data::datatype_name(c.type)), {1}).mutable_contents();
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
  add_input(request, "x", "UINT8", {1}).mutable_contents()->add_uint_contents(256);
  inference::ModelInferResponse answer;
  EXPECT_EQ(call_with(bytes, kModelInfer, request, answer),
            "3 input \"x\": element 0: expected UINT8, got 256");
}

// They have no list, so the answer is raw.
TEST_F(TensorsTest, HalvesOverGrpc) {
  House house(load_echo({test_spec("x", Datatype::Fp16, {-1})}));
  inference::ModelInferRequest request;
  request.set_model_name("echo");
  add_input(request, "x", "FP16", {1}).mutable_contents()->add_fp32_contents(1);
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

TEST_F(TensorsTest, TensorFlowServingInRowsAndInColumns) {
  EXPECT_EQ(json_of(pairs_.post(kPredict, R"({"instances":[[1,2],[3,4.5]]})")),
            TensorsJson::parse(R"({"predictions":[[1,2],[3,4.5]]})"));
  EXPECT_EQ(json_of(pairs_.post(kPredict, R"({"inputs":{"x":[[1,2]]},)"
                                          R"("signature_name":"serving_default"})")),
            TensorsJson::parse(R"({"outputs":[[1,2]]})"));
  const std::string rows = R"({"instances":[{"ids":[1],"scale":2,"words":"a"},)"
                           R"({"ids":[3],"scale":4,"words":{"b64":"/w=="}}])";
  EXPECT_EQ(refusal_of(three_.post(kPredict, rows + "}")),
            "output \"elements\": expected as many rows as the other outputs for "
            "\"predictions\", got INT64[]; ask by \"inputs\", or for it alone");
  EXPECT_EQ(json_of(three_.post(kPredict, rows + R"(,"parameters":{"method":"words_out"}})")),
            TensorsJson::parse(R"({"predictions":["a",{"b64":"/w=="}]})"));
  EXPECT_EQ(json_of(three_.post(kPredict, R"({"inputs":{"ids":[[1]],"scale":[2],"words":["a"]}})")),
            TensorsJson::parse(R"({"outputs":{"ids_out":[[1]],"scale_out":[2.0],)"
                               R"("words_out":["a"],"elements":1}})"));
  EXPECT_EQ(refusal_of(pairs_.post(kPredict, R"({"instances":[[1,2]],"signature_name":"x_out"})")),
            "\"signature_name\": expected serving_default, got \"x_out\"");
  EXPECT_EQ(refusal_of(pairs_.post("/v1/models/echo:classify", R"({"examples":[{"x":1}]})")),
            "classify: expected a model that has predict_proba");
  House two(
      load_echo({test_spec("a", Datatype::Int32, {-1}), test_spec("b", Datatype::Int32, {-1, 1})}));
  EXPECT_EQ(json_of(two.post(kPredict, R"({"instances":[{"a":1,"b":[2]},{"a":3,"b":[4]}]})")),
            TensorsJson::parse(R"({"predictions":[{"a_out":1,"b_out":[2]},)"
                               R"({"a_out":3,"b_out":[4]}]})"));
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

TEST_F(TensorsTest, TensorFlowServingSaysItsSignature) {
  const TensorsJson rest = json_of(three_.get("/v1/models/echo/metadata"));
  const TensorsJson& signature =
      rest["metadata"]["signature_def"]["signature_def"]["serving_default"];
  EXPECT_EQ(signature["inputs"]["ids"]["dtype"], "DT_INT64");
  EXPECT_EQ(signature["inputs"]["ids"]["tensor_shape"]["dim"].size(), 2U);
  EXPECT_EQ(signature["outputs"].size(), 4U);
  EXPECT_EQ(signature["outputs"]["elements"]["tensor_shape"]["dim"].size(), 0U);
  tensorflow::serving::GetModelMetadataRequest request;
  request.mutable_model_spec()->set_name("echo");
  request.add_metadata_field("signature_def");
  tensorflow::serving::GetModelMetadataResponse answer;
  ASSERT_EQ(
      call_with(three_, "/tensorflow.serving.PredictionService/GetModelMetadata", request, answer),
      "");
  tensorflow::serving::SignatureDefMap map;
  ASSERT_TRUE(map.ParseFromString(answer.metadata().at("signature_def").value()));
  const auto& usual = map.signature_def().at("serving_default");
  EXPECT_EQ(usual.inputs().at("scale").dtype(), tensorflow::DT_FLOAT);
  EXPECT_EQ(usual.outputs().at("ids_out").tensor_shape().dim(1).size(), -1);
}

TEST_F(TensorsTest, MlflowAndAzure) {
  const struct {
    const char* path;
    const char* body;
    const char* answer;
  } cases[] = {
      {"/invocations", R"({"inputs":[[1,2],[3,4]]})", R"({"predictions":[[1,2],[3,4]]})"},
      {"/invocations", R"({"inputs":{"x":[[1,2]]}})", R"({"predictions":[[1,2]]})"},
      {"/invocations", R"({"instances":[[1,2]]})", R"({"predictions":[[1,2]]})"},
      {"/score", R"({"input_data":[[1,2]]})", "[[1,2]]"},
      {"/score", R"({"data":[[1,2]]})", "[[1,2]]"},
      {"/score", R"({"inputs":{"x":[[1,2]]},"method":"x_out"})", "[[1,2]]"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(json_of(pairs_.post(c.path, c.body)), TensorsJson::parse(c.answer)) << c.body;
  }
  EXPECT_EQ(json_of(three_.post("/score", R"({"inputs":{"ids":[[1]],"scale":[2],"words":["a"]}})")),
            TensorsJson::parse(R"({"ids_out":[[1]],"scale_out":[2],"words_out":["a"],)"
                               R"("elements":1})"));
  EXPECT_EQ(refusal_of(pairs_.post("/invocations", R"({"dataframe_records":[{"x":1}]})")),
            "body: expected \"inputs\" or \"instances\", as the model takes tensors, got "
            "\"dataframe_records\"");
  EXPECT_EQ(refusal_of(pairs_.post("/score", "{}")), "body: expected a key \"inputs\", got none");
  EXPECT_EQ(refusal_of(pairs_.post("/score", R"({"inputs":[[1,2]],"data":[[1,2]]})")),
            "body: expected one of \"inputs\", \"input_data\", \"data\", got two");
  EXPECT_EQ(refusal_of(pairs_.post("/score", R"({"inputs":[[1,2]],"method":"y"})")),
            "\"method\": expected x_out, got \"y\"");
}

TEST_F(TensorsTest, TablesAreRefusedBeforeTheBody) {
  for (const char* path : {"/score", "/invocations"}) {
    const auto answer =
        pairs_.ask(net::Method::Post, path, "1,2\n", {{"Content-Type", "text/csv"}});
    EXPECT_EQ(answer.status, 415) << path;
    EXPECT_NE(answer.body.find(R"(Content-Type \"text/csv\": expected application/json)"),
              std::string::npos)
        << answer.body;
  }
  // Nor is an answer one.
  const auto answer =
      pairs_.ask(net::Method::Post, "/score", R"({"inputs":[[1,2]]})", {{"Accept", "text/csv"}});
  EXPECT_EQ(json_of(answer), TensorsJson::parse("[[1,2]]"));
}

TEST_F(TensorsTest, ItsDocumentsHoldAnExampleThatItAnswers) {
  for (House* house : {&three_, &pairs_}) {
    const TensorsJson document = json_of(house->get("/openapi.json"));
    const TensorsJson& post = document["paths"]["/score"]["post"];
    const TensorsJson& request = post["requestBody"]["content"]["application/json"]["example"];
    EXPECT_EQ(house->post("/score", request.dump()).status, 200) << request;
    EXPECT_EQ(document["components"]["schemas"]["Inputs"]["examples"][0], request["inputs"]);
    const TensorsJson swagger = json_of(house->get("/swagger.json"));
    EXPECT_EQ(swagger["definitions"]["ServiceInput"]["example"], request);
    const auto page =
        house->ask(net::Method::Get, "/", "", {{"Accept", "text/html,application/xhtml+xml"}});
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("const example = " + request.dump()), std::string::npos) << page.body;
  }
  // Of a hundred thousand zeros there is none to see.
  House wide(load_echo({test_spec("x", Datatype::Fp32, {-1, 100'000})}));
  const TensorsJson document = json_of(wide.get("/openapi.json"));
  EXPECT_FALSE(
      document["paths"]["/score"]["post"]["requestBody"]["content"]["application/json"].contains(
          "example"));
  EXPECT_EQ(wide.ask(net::Method::Get, "/", "", {{"Accept", "text/html"}}).status, 200);
  EXPECT_EQ(wide.get("/swagger.json").status, 200);
}

TEST_F(TensorsTest, RowsAreCounted) {
  ASSERT_EQ(pairs_.post(kPredict, R"({"instances":[[1,2],[3,4],[5,6]]})").status, 200);
  EXPECT_NE(pairs_.get("/v2/models/echo/stats").body.find(R"("inference_count":3)"),
            std::string::npos);
}

// What comes later is not what came before.
TEST_F(TensorsTest, NothingIsLeftOfARequest) {
  ASSERT_EQ(pairs_.post(kPredict, R"({"instances":[[1,2],[3,4]]})").status, 200);
  ASSERT_EQ(pairs_.post(kPredict, R"({"instances":[[1,2],[3,"x"]]})").status, 400);
  EXPECT_EQ(json_of(pairs_.post("/score", R"({"inputs":[[5,6]]})")), TensorsJson::parse("[[5,6]]"));
}

}  // namespace
}  // namespace front
