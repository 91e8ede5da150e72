// What gRPC clients call, and what they get. The framing of messages is net's, and tested there.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <reflection.pb.h>
#include <tensorflow_serving.pb.h>

#include "front/test_house.h"

namespace front {
namespace {

using testing::bytes_of;
using testing::FakeExchange;
using testing::House;

const std::string kCalled = SOOTH_SOURCE_DIR "/tests/scenario/data/";
const std::string kOip = "/inference.GRPCInferenceService/";
const std::string kTf = "/tensorflow.serving.";

struct CallAnswer {
  bool admitted = false;
  int status = 0;
  std::string message;  // Of the status.
  std::string bytes;
  std::string fields;  // Of a refusal.
};

// One message of a call, and its answer.
template <typename Request, typename Answer>
CallAnswer call(House& house, const std::string& path, const Request& request, Answer& answer) {
  FakeExchange exchange(net::Method::Post, path, request.SerializeAsString(),
                        {{"content-type", "application/grpc+proto"}});
  net::Response refusal;
  const net::Admission admission = house.front().admit(exchange.head(), refusal);
  if (!admission.accepted()) return {.fields = refusal.header_block()};
  EXPECT_TRUE(admission.messages());
  house.front().handle(exchange);
  EXPECT_EQ(exchange.finished, 1);
  const net::Response& response = exchange.response();
  const bool good = response.grpc_status() == 0;
  EXPECT_TRUE(!good || answer.ParseFromString(response.body())) << path;
  return {true, response.grpc_status(), response.grpc_message(), response.body(), ""};
}

inference::ModelInferRequest::InferInputTensor& add_input(inference::ModelInferRequest& request,
                                                          const std::string& name,
                                                          const std::string& datatype,
                                                          const std::vector<std::int64_t>& shape) {
  auto& input = *request.add_inputs();
  input.set_name(name);
  input.set_datatype(datatype);
  for (const std::int64_t extent : shape) input.add_shape(extent);
  return input;
}

inference::ModelInferRequest typed_request() {
  inference::ModelInferRequest request;
  request.set_model_name("passengers");
  request.set_id("7");
  for (const double age : {30.0, 40.0}) {
    if (request.inputs_size() == 0) add_input(request, "age", "FP64", {2});
    request.mutable_inputs(0)->mutable_contents()->add_fp64_contents(age);
  }
  auto& fare = *add_input(request, "fare", "INT16", {2, 1}).mutable_contents();
  fare.add_int_contents(50);
  fare.add_int_contents(5);
  auto& port = *add_input(request, "port", "BYTES", {2}).mutable_contents();
  port.add_bytes_contents("Oslo");
  port.add_bytes_contents("Bern");
  request.add_outputs()->set_name("predict");
  return request;
}

TEST(CallsTest, InfersFromTypedContents) {
  House house(kCalled + "passengers.joblib");
  inference::ModelInferResponse answer;
  const CallAnswer called = call(house, kOip + "ModelInfer", typed_request(), answer);
  ASSERT_EQ(called.status, 0) << called.message;
  EXPECT_EQ(answer.model_name(), "passengers");
  EXPECT_EQ(answer.id(), "7");
  ASSERT_EQ(answer.outputs_size(), 1);
  EXPECT_EQ(answer.outputs(0).datatype(), "INT64");
  EXPECT_EQ(answer.outputs(0).shape(0), 2);
  EXPECT_EQ(answer.outputs(0).contents().int64_contents(0), 1);
  EXPECT_EQ(answer.outputs(0).contents().int64_contents(1), 0);
}

TEST(CallsTest, InfersFromRawContents) {
  House house(kCalled + "flowers.joblib");
  inference::ModelInferRequest request;
  request.set_model_name("flowers");
  add_input(request, "x", "FP32", {2, 4});
  request.add_raw_input_contents(bytes_of<float>({5.0F, 3.4F, 1.5F, 0.2F, 6.6F, 3.0F, 5.6F, 2.0F}));
  inference::ModelInferResponse answer;
  const CallAnswer called = call(house, kOip + "ModelInfer", request, answer);
  ASSERT_EQ(called.status, 0) << called.message;
  ASSERT_EQ(answer.raw_output_contents_size(), answer.outputs_size());
  const std::string low("\3\0\0\0low", 7);
  EXPECT_EQ(answer.raw_output_contents(0).substr(0, low.size()), low);
  EXPECT_EQ(answer.outputs(0).contents().bytes_contents_size(), 0);
}

TEST(CallsTest, AStreamSaysWhatWasWrongAndGoesOn) {
  House house(kCalled + "passengers.joblib");
  inference::ModelStreamInferResponse answer;
  inference::ModelInferRequest bad = typed_request();
  bad.mutable_inputs(0)->set_datatype("FP8");
  ASSERT_EQ(call(house, kOip + "ModelStreamInfer", bad, answer).status, 0);
  EXPECT_NE(answer.error_message().find("\"datatype\": expected one of"), std::string::npos);
  ASSERT_EQ(call(house, kOip + "ModelStreamInfer", typed_request(), answer).status, 0);
  EXPECT_EQ(answer.error_message(), "");
  EXPECT_EQ(answer.infer_response().outputs(0).contents().int64_contents(0), 1);
}

TEST(CallsTest, BadRequestsSayWhere) {
  House house(kCalled + "passengers.joblib");
  const auto message = [&](const inference::ModelInferRequest& request) {
    inference::ModelInferResponse answer;
    const CallAnswer called = call(house, kOip + "ModelInfer", request, answer);
    EXPECT_NE(called.status, 0);
    return std::to_string(called.status) + " " + called.message;
  };
  auto request = typed_request();
  request.set_model_name("other");
  EXPECT_EQ(message(request), "5 endpoint \"other\": there is none of this name");
  request = typed_request();
  request.set_model_version("9");
  EXPECT_EQ(message(request), "5 endpoint \"passengers\" version \"9\": expected 1");
  request = typed_request();
  request.mutable_inputs(0)->set_shape(0, -1);
  EXPECT_EQ(message(request), "3 input \"age\": \"shape\": expected no negative dimension, got -1");
  request = typed_request();
  request.mutable_inputs(0)->set_shape(0, 3);
  EXPECT_EQ(message(request),
            "3 input \"age\": \"contents\": expected 3 elements as \"shape\" says, got 2");
  request = typed_request();
  request.add_raw_input_contents("x");
  EXPECT_EQ(message(request),
            "3 \"raw_input_contents\": expected one for each of the 3 inputs, "
            "got 1");
  request = typed_request();
  request.mutable_outputs(0)->set_name("nothing");
  EXPECT_EQ(message(request),
            "3 output \"nothing\": expected predict or predict_proba or "
            "decision_function or predict_log_proba, got \"nothing\"");
}

TEST(CallsTest, PredictsAsTensorFlowServing) {
  House house(kCalled + "passengers.joblib");
  tensorflow::serving::PredictRequest request;
  request.mutable_model_spec()->set_name("passengers");
  request.mutable_model_spec()->mutable_version()->set_value(1);
  const auto tensor = [&](const std::string& name, tensorflow::DataType type) {
    tensorflow::TensorProto& made = (*request.mutable_inputs())[name];
    made.set_dtype(type);
    made.mutable_tensor_shape()->add_dim()->set_size(2);
    return &made;
  };
  tensor("age", tensorflow::DT_DOUBLE)->add_double_val(30);  // Both rows.
  tensor("fare", tensorflow::DT_FLOAT)->set_tensor_content(bytes_of<float>({50, 5}));
  auto* const port = tensor("port", tensorflow::DT_STRING);
  port->add_string_val("Oslo");
  port->add_string_val("Bern");
  tensorflow::serving::PredictResponse answer;
  const CallAnswer called = call(house, kTf + "PredictionService/Predict", request, answer);
  ASSERT_EQ(called.status, 0) << called.message;
  EXPECT_EQ(answer.outputs().at("predict").tensor_content(), bytes_of<std::int64_t>({1, 0}));
  request.mutable_model_spec()->set_signature_name("predict_proba");
  ASSERT_EQ(call(house, kTf + "PredictionService/Predict", request, answer).status, 0);
  EXPECT_EQ(answer.outputs().at("predict_proba").tensor_shape().dim(1).size(), 2);

  tensorflow::serving::GetModelStatusRequest status;
  status.mutable_model_spec()->set_name("passengers");
  tensorflow::serving::GetModelStatusResponse state;
  ASSERT_EQ(call(house, kTf + "ModelService/GetModelStatus", status, state).status, 0);
  EXPECT_EQ(state.model_version_status(0).state(),
            tensorflow::serving::ModelVersionStatus::AVAILABLE);
}

TEST(CallsTest, DescribesItself) {
  House house(kCalled + "passengers.joblib");
  inference::ServerLiveResponse live;
  call(house, kOip + "ServerLive", inference::ServerLiveRequest(), live);
  EXPECT_TRUE(live.live());
  inference::ModelMetadataRequest asked;
  asked.set_name("passengers");
  inference::ModelMetadataResponse metadata;
  ASSERT_EQ(call(house, kOip + "ModelMetadata", asked, metadata).status, 0);
  EXPECT_EQ(metadata.inputs(2).datatype(), "BYTES");
  inference::RepositoryIndexResponse index;
  call(house, kOip + "RepositoryIndex", inference::RepositoryIndexRequest(), index);
  EXPECT_EQ(index.models(0).state(), "READY");
  inference::ModelInferResponse ignored;
  call(house, kOip + "ModelInfer", typed_request(), ignored);
  inference::ModelStatisticsResponse statistics;
  call(house, kOip + "ModelStatistics", inference::ModelStatisticsRequest(), statistics);
  EXPECT_EQ(statistics.model_stats(0).inference_count(), 2U);
  house.front().drain();
  inference::ServerReadyResponse ready;
  call(house, kOip + "ServerReady", inference::ServerReadyRequest(), ready);
  EXPECT_FALSE(ready.ready());
}

TEST(CallsTest, TheStandardReflectionService) {
  House house(kCalled + "passengers.joblib");
  using grpc::reflection::v1::ServerReflectionRequest;
  using grpc::reflection::v1::ServerReflectionResponse;
  for (const std::string version : {"v1", "v1alpha"}) {
    const std::string path =
        "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
    ServerReflectionRequest request;
    ServerReflectionResponse answer;
    request.set_list_services("*");
    ASSERT_EQ(call(house, path, request, answer).status, 0);
    EXPECT_EQ(answer.list_services_response().service_size(), 5);
    for (const char* symbol :
         {"inference.GRPCInferenceService", "tensorflow.serving.PredictionService.Predict",
          "tensorflow.TensorProto", "grpc.health.v1.Health"}) {
      request.set_file_containing_symbol(symbol);
      ASSERT_EQ(call(house, path, request, answer).status, 0);
      EXPECT_EQ(answer.file_descriptor_response().file_descriptor_proto_size(), 1) << symbol;
    }
    request.set_file_by_filename("tensorflow.proto");
    ASSERT_EQ(call(house, path, request, answer).status, 0);
    EXPECT_EQ(answer.file_descriptor_response().file_descriptor_proto_size(), 1);
    request.set_file_by_filename("/etc/passwd");
    ASSERT_EQ(call(house, path, request, answer).status, 0);
    EXPECT_EQ(answer.error_response().error_code(), 5);
  }
}

TEST(CallsTest, WhatIsNotThereIsRefusedBeforeItBegins) {
  House house(kCalled + "passengers.joblib");
  inference::ServerLiveRequest request;
  inference::ServerLiveResponse answer;
  for (const char* path : {"/inference.GRPCInferenceService/Nothing", "/x", "/", "/score",
                           "/inference.GRPCInferenceService/ServerLive/"}) {
    const CallAnswer called = call(house, path, request, answer);
    EXPECT_FALSE(called.admitted) << path;
    EXPECT_NE(called.fields.find("grpc-status: 12\r\n"), std::string::npos) << called.fields;
  }
}

}  // namespace
}  // namespace front
