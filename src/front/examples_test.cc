// TensorFlow Serving's calls whose rows are Examples, and Triton's that are not about scores.
#include <string>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <tensorflow_serving.pb.h>

#include "front/test_grpc_call.h"
#include "front/test_house.h"

namespace front {
namespace {

using tensorflow::Example;
using testing::call_with;
using testing::FakeExchange;
using testing::House;

const std::string kExampleModels = SOOTH_SOURCE_DIR "/tests/scenario/data/";
const std::string kPrediction = "/tensorflow.serving.PredictionService/";

void set_number(Example& example, const std::string& name, float value) {
  (*example.mutable_features()->mutable_feature())[name].mutable_float_list()->add_value(value);
}

void set_text(Example& example, const std::string& name, const std::string& value) {
  (*example.mutable_features()->mutable_feature())[name].mutable_bytes_list()->add_value(value);
}

tensorflow::serving::RegressionRequest delivery() {
  tensorflow::serving::RegressionRequest request;
  request.mutable_model_spec()->set_name("deliveries");
  Example& example = *request.mutable_input()->mutable_example_list()->add_examples();
  set_number(example, "distance", 6.25F);
  set_text(example, "city", "Oslo");
  set_text(example, "note", "features that the model has not are left out");
  return request;
}

TEST(ExamplesTest, Regresses) {
  House house(kExampleModels + "deliveries.joblib");
  tensorflow::serving::RegressionResponse answer;
  EXPECT_EQ(call_with(house, kPrediction + "Regress", delivery(), answer), "");
  ASSERT_EQ(answer.result().regressions_size(), 1);
  EXPECT_FLOAT_EQ(answer.result().regressions(0).value(), 18.666666F);
  EXPECT_EQ(answer.model_spec().name(), "deliveries");
}

TEST(ExamplesTest, AContextHasWhatIsTheSameInEach) {
  House house(kExampleModels + "deliveries.joblib");
  tensorflow::serving::RegressionRequest request;
  request.mutable_model_spec()->set_name("deliveries");
  auto& list = *request.mutable_input()->mutable_example_list_with_context();
  set_text(*list.mutable_context(), "city", "Oslo");
  set_number(*list.mutable_context(), "distance", 0);
  set_number(*list.add_examples(), "distance", 6.25F);
  set_text(*list.add_examples(), "city", "Rome");
  tensorflow::serving::RegressionResponse answer;
  ASSERT_EQ(call_with(house, kPrediction + "Regress", request, answer), "");
  ASSERT_EQ(answer.result().regressions_size(), 2);
  EXPECT_FLOAT_EQ(answer.result().regressions(0).value(), 18.666666F);
}

TEST(ExamplesTest, Classifies) {
  House house(kExampleModels + "passengers.joblib");
  tensorflow::serving::ClassificationRequest request;
  request.mutable_model_spec()->set_name("passengers");
  Example& example = *request.mutable_input()->mutable_example_list()->add_examples();
  (*example.mutable_features()->mutable_feature())["age"];  // Missing.
  (*example.mutable_features()->mutable_feature())["fare"].mutable_int64_list()->add_value(50);
  set_text(example, "port", "Oslo");
  tensorflow::serving::ClassificationResponse answer;
  ASSERT_EQ(call_with(house, kPrediction + "Classify", request, answer), "");
  const auto& classes = answer.result().classifications(0).classes();
  ASSERT_EQ(classes.size(), 2);
  EXPECT_EQ(classes.Get(1).label(), "1");
  EXPECT_NEAR(classes.Get(0).score() + classes.Get(1).score(), 1, 1e-6);
  request.mutable_model_spec()->set_signature_name("predict");
  EXPECT_EQ(call_with(house, kPrediction + "Classify", request, answer),
            "3 \"signature_name\": expected serving_default or predict_proba, got \"predict\"");
}

TEST(ExamplesTest, SeveralTasksOfOneModel) {
  House house(kExampleModels + "deliveries.joblib");
  tensorflow::serving::MultiInferenceRequest request;
  *request.mutable_input() = delivery().input();
  tensorflow::serving::MultiInferenceResponse answer;
  auto& task = *request.add_tasks();
  task.mutable_model_spec()->set_name("deliveries");
  EXPECT_EQ(call_with(house, kPrediction + "MultiInference", request, answer),
            "3 \"method_name\": expected tensorflow/serving/classify or "
            "tensorflow/serving/regress, got \"\"");
  task.set_method_name("tensorflow/serving/regress");
  ASSERT_EQ(call_with(house, kPrediction + "MultiInference", request, answer), "");
  EXPECT_FLOAT_EQ(answer.results(0).regression_result().regressions(0).value(), 18.666666F);
  *request.add_tasks() = task;
  EXPECT_EQ(call_with(house, kPrediction + "MultiInference", request, answer),
            "3 \"tasks\": expected each method once, and one model");
  request.mutable_tasks(1)->set_method_name("tensorflow/serving/classify");
  EXPECT_EQ(call_with(house, kPrediction + "MultiInference", request, answer),
            "3 classify: expected a model that has predict_proba");
}

// There may be fewer outputs than tasks then, and of another kind.
TEST(ExamplesTest, AMethodInTheAddressIsRefused) {
  House house(kExampleModels + "deliveries.joblib");
  tensorflow::serving::RegressionResponse answer;
  EXPECT_EQ(call_with(house, kPrediction + "Regress?method=predict", delivery(), answer),
            "3 method: expected none in the address of classify and regress");
}

TEST(ExamplesTest, BadExamplesSayWhere) {
  House house(kExampleModels + "deliveries.joblib");
  tensorflow::serving::RegressionResponse answer;
  const auto said = [&](const tensorflow::serving::RegressionRequest& request) {
    return call_with(house, kPrediction + "Regress", request, answer);
  };
  auto request = delivery();
  auto& features = *request.mutable_input()
                        ->mutable_example_list()
                        ->mutable_examples(0)
                        ->mutable_features()
                        ->mutable_feature();
  features["distance"].mutable_float_list()->add_value(1);
  EXPECT_EQ(said(request), "3 row 0, column \"distance\": expected a number, got 2 values");
  features["distance"].mutable_bytes_list()->add_value("6");
  EXPECT_EQ(said(request), "3 row 0, column \"distance\": expected a number, got bytes");
  features.erase("distance");
  EXPECT_EQ(said(request), "3 row 0, column \"distance\": expected a number, got no such feature");
  request = delivery();
  request.clear_input();
  EXPECT_EQ(said(request), "3 \"input\": expected at least one example, got none");
  auto& list = *request.mutable_input()->mutable_example_list_with_context();
  for (int i = 0; i < 1000; ++i) list.add_examples();
  EXPECT_EQ(said(request), "3 row 0, column \"distance\": expected a number, got no such feature");
}

TEST(ExamplesTest, ItsConfigurationAsTritonHasIt) {
  House house(kExampleModels + "deliveries.joblib");
  inference::ModelConfigRequest request;
  request.set_name("deliveries");
  inference::ModelConfigResponse answer;
  ASSERT_EQ(call_with(house, "/inference.GRPCInferenceService/ModelConfig", request, answer), "");
  const inference::ModelConfig& config = answer.config();
  EXPECT_EQ(config.platform(), "sooth_native");
  EXPECT_EQ(config.max_batch_size(), 0);
  EXPECT_TRUE(config.input(0).optional());
  EXPECT_EQ(config.input(2).data_type(), inference::TYPE_STRING);
  EXPECT_EQ(config.output(0).data_type(), inference::TYPE_FP64);
}

TEST(ExamplesTest, WhatTritonHasAndIsNotHereIsRefusedByName) {
  House house(kExampleModels + "passengers.joblib");
  inference::ModelInferRequest request;
  inference::ModelInferResponse answer;
  const std::string refused =
      call_with(house, "/inference.GRPCInferenceService/SystemSharedMemoryStatus", request, answer);
  EXPECT_NE(refused.find("grpc-status: 12\r\n"), std::string::npos) << refused;
  EXPECT_NE(refused.find("shared memory: there is none here"), std::string::npos) << refused;
  request.set_model_name("passengers");
  auto& input = *request.add_inputs();
  input.set_name("age");
  (*input.mutable_parameters())["shared_memory_region"].set_string_param("a");
  EXPECT_EQ(call_with(house, "/inference.GRPCInferenceService/ModelInfer", request, answer),
            "3 \"shared_memory_region\": expected the data itself: there is no shared memory here");
  auto& output = *request.add_outputs();
  output.set_name("predict");
  (*output.mutable_parameters())["classification"].set_int64_param(1);
  EXPECT_EQ(call_with(house, "/inference.GRPCInferenceService/ModelInfer", request, answer),
            "3 \"classification\": expected none: ask for the output itself, which has the labels");
}

}  // namespace
}  // namespace front
