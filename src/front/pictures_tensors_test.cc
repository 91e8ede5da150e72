// A model of pictures behind the protocols of tensors.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <tensorflow_serving.pb.h>

#include "base/base64.h"
#include "front/test_grpc_call.h"
#include "front/test_pictures.h"

namespace front {
namespace {

using base::base64_encode;
using scorer::testing::blue_png;
using scorer::testing::green_png;
using scorer::testing::red_png;
using testing::call_with;
using testing::kBest;
using testing::PictureJson;
using testing::PicturesTest;

TEST_F(PicturesTest, TensorsOfJsonAndOfBytes) {
  const std::string red = base64_encode(red_png());
  const std::string head = R"({"inputs":[{"name":"image","datatype":"BYTES","shape":[1],)";
  const auto check = [](const PictureJson& json) {
    ASSERT_EQ(json["outputs"].size(), 3U) << json;
    EXPECT_EQ(json["outputs"][0]["name"], "id");
    EXPECT_EQ(json["outputs"][0]["datatype"], "INT64");
    EXPECT_EQ(json["outputs"][0]["shape"], PictureJson({1, 3}));
    EXPECT_EQ(json["outputs"][0]["data"], PictureJson({7, 8, 9}));
    EXPECT_EQ(json["outputs"][1]["name"], "label");
    EXPECT_EQ(json["outputs"][1]["data"], PictureJson({"red", "green", "blue"}));
    EXPECT_NEAR(json["outputs"][2]["data"][0].get<double>(), kBest, 1e-12);
  };
  check(
      answer_of(house_.post("/v2/models/colours/infer", head + R"("data":[")" + red + R"("]}]})")));
  const std::string picture = red_png();
  const auto size = static_cast<std::uint32_t>(picture.size());
  const std::string bytes = std::string(reinterpret_cast<const char*>(&size), 4) + picture;
  const std::string json =
      head + R"("parameters":{"binary_data_size":)" + std::to_string(bytes.size()) + "}}]}";
  check(answer_of(house_.ask(net::Method::Post, "/v2/models/colours/infer", json + bytes,
                             {{"Content-Type", "application/octet-stream"},
                              {"Inference-Header-Content-Length", std::to_string(json.size())}})));
  const PictureJson model = answer_of(house_.get("/v2/models/colours"));
  EXPECT_EQ(model["inputs"][0]["name"], "image");
  EXPECT_EQ(model["inputs"][0]["datatype"], "BYTES");
  EXPECT_EQ(model["outputs"][1]["name"], "label");
}

TEST_F(PicturesTest, TensorsOverGrpc) {
  inference::ModelInferRequest request;
  request.set_model_name("colours");
  auto& input = *request.add_inputs();
  input.set_name("image");
  input.set_datatype("BYTES");
  input.add_shape(2);
  input.mutable_contents()->add_bytes_contents(blue_png());
  input.mutable_contents()->add_bytes_contents(red_png());
  inference::ModelInferResponse answer;
  const std::string path = "/inference.GRPCInferenceService/ModelInfer";
  ASSERT_EQ(call_with(house_, path, request, answer), "");
  ASSERT_EQ(answer.outputs_size(), 3);
  EXPECT_EQ(answer.outputs(1).name(), "label");
  EXPECT_EQ(answer.outputs(1).shape(0), 2);
  EXPECT_EQ(answer.outputs(1).shape(1), 3);
  EXPECT_EQ(answer.outputs(1).contents().bytes_contents(0), "blue");
  EXPECT_EQ(answer.outputs(1).contents().bytes_contents(3), "red");
  EXPECT_NEAR(answer.outputs(2).contents().fp64_contents(0), kBest, 1e-12);
  input.mutable_contents()->set_bytes_contents(1, "\xff\xd8");
  EXPECT_EQ(call_with(house_, path, request, answer).find("3 row 1: picture: "), 0U);
  // The same in binary.
  const std::string picture = red_png();
  const auto size = static_cast<std::uint32_t>(picture.size());
  input.clear_contents();
  input.set_shape(0, 1);
  request.add_raw_input_contents(std::string(reinterpret_cast<const char*>(&size), 4) + picture);
  ASSERT_EQ(call_with(house_, path, request, answer), "");
  EXPECT_EQ(answer.outputs(0).shape(0), 1);
}

// As the recipe would have made it: red of 4 by 4, channel by channel.
std::vector<float> red_pixels(std::size_t pictures = 1) {
  std::vector<float> pixels;
  for (std::size_t i = 0; i < pictures; ++i) {
    for (int c = 0; c < 48; ++c) pixels.push_back(c < 16 ? 1 : 0);
  }
  return pixels;
}

TEST_F(PicturesTest, PicturesThatArePreparedAlready) {
  for (const std::string name : {"pixels", "image"}) {
    const std::string head =
        R"({"inputs":[{"name":")" + name + R"(","datatype":"FP32","shape":[2,3,4,4],)";
    const std::string data = PictureJson(red_pixels(2)).dump();
    const PictureJson json =
        answer_of(house_.post("/v2/models/colours/infer", head + R"("data":)" + data + "}]}"));
    ASSERT_EQ(json["outputs"].size(), 3U);
    EXPECT_EQ(json["outputs"][0]["shape"], PictureJson({2, 3}));
    EXPECT_EQ(json["outputs"][1]["data"],
              PictureJson({"red", "green", "blue", "red", "green", "blue"}));
    EXPECT_NEAR(json["outputs"][2]["data"][3].get<double>(), kBest, 1e-12);
  }
  inference::ModelInferRequest request;
  request.set_model_name("colours");
  auto& input = *request.add_inputs();
  input.set_name("pixels");
  input.set_datatype("FP32");
  for (const int extent : {1, 3, 4, 4}) input.add_shape(extent);
  request.add_raw_input_contents(testing::bytes_of(red_pixels()));
  (*request.mutable_parameters())["top_k"].set_int64_param(1);
  inference::ModelInferResponse answer;
  const std::string path = "/inference.GRPCInferenceService/ModelInfer";
  ASSERT_EQ(call_with(house_, path, request, answer), "");
  EXPECT_EQ(answer.outputs(1).shape(1), 1);
  EXPECT_EQ(answer.raw_output_contents(1).substr(4), "red");
  input.set_shape(3, 5);
  EXPECT_EQ(call_with(house_, path, request, answer),
            "3 input \"pixels\": expected FP32[?,3,4,4], got FP32[1,3,4,5]");
  input.set_shape(3, 4);
  std::vector<float> broken = red_pixels();
  broken[7] = NAN;
  request.set_raw_input_contents(0, testing::bytes_of(broken));
  EXPECT_EQ(call_with(house_, path, request, answer),
            "3 input \"pixels\": element 7: expected a finite number, got nan");
  broken[7] = 3e38F;
  broken[23] = 3e38F;
  request.set_raw_input_contents(0, testing::bytes_of(broken));
  ASSERT_EQ(call_with(house_, path, request, answer), "");
  tensorflow::serving::PredictRequest predict;
  predict.mutable_model_spec()->set_name("colours");
  auto& tensor = (*predict.mutable_inputs())["image"];
  tensor.set_dtype(tensorflow::DT_FLOAT);
  for (const int extent : {1, 3, 4, 4}) {
    tensor.mutable_tensor_shape()->add_dim()->set_size(extent);
  }
  tensor.set_tensor_content(testing::bytes_of(red_pixels()));
  tensorflow::serving::PredictResponse predicted;
  ASSERT_EQ(call_with(house_, "/tensorflow.serving.PredictionService/Predict", predict, predicted),
            "");
  EXPECT_EQ(predicted.outputs().at("label").string_val(0), "red");
}

TEST_F(PicturesTest, EitherPicturesOrPreparedOnes) {
  const std::string red = base64_encode(red_png());
  const auto answer =
      house_.post("/v2/models/colours/infer",
                  R"({"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":[")" + red +
                      R"("]},{"name":"pixels","datatype":"FP32","shape":[1,3,4,4],"data":)" +
                      PictureJson(red_pixels()).dump() + "}]}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"error":"\"inputs\": expected pictures or one that is prepared, got both"})");
}

// The body of an octet stream is the picture's bytes, which are no UTF-8.
TEST_F(PicturesTest, TensorsOfBytesAlone) {
  const auto answer = house_.ask(
      net::Method::Post, "/v2/models/colours/infer", red_png(),
      {{"Content-Type", "application/octet-stream"}, {"Inference-Header-Content-Length", "0"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(PicturesTest, TensorFlowServingOverGrpc) {
  tensorflow::serving::PredictRequest request;
  request.mutable_model_spec()->set_name("colours");
  auto& tensor = (*request.mutable_inputs())["image"];
  tensor.set_dtype(tensorflow::DT_STRING);
  tensor.mutable_tensor_shape()->add_dim()->set_size(1);
  tensor.add_string_val(green_png());
  tensorflow::serving::PredictResponse answer;
  const std::string service = "/tensorflow.serving.PredictionService/";
  ASSERT_EQ(call_with(house_, service + "Predict", request, answer), "");
  EXPECT_EQ(answer.outputs().at("label").string_val(0), "green");
  tensorflow::serving::ClassificationRequest classify;
  classify.mutable_model_spec()->set_name("colours");
  auto& example = *classify.mutable_input()->mutable_example_list()->add_examples();
  (*example.mutable_features()->mutable_feature())["image"].mutable_bytes_list()->add_value(
      green_png());
  tensorflow::serving::ClassificationResponse classes;
  EXPECT_EQ(call_with(house_, service + "Classify", classify, classes),
            "3 classify: expected a model that has predict_proba");
}

}  // namespace
}  // namespace front
