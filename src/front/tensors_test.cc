// A network of tensors behind every protocol over REST.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tensorflow_serving.pb.h>

#include "front/test_grpc_call.h"
#include "front/test_tensors_house.h"
#include "serve/warm_up.h"

namespace front {
namespace {

using contract::testing::load_echo;
using contract::testing::load_pairs;
using contract::testing::test_spec;
using data::Datatype;
using testing::bytes_of;
using testing::call_with;
using testing::House;
using testing::kInfer;
using testing::kPredict;
using testing::TensorsJson;
using testing::TensorsTest;
using testing::text_element;

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

// A golden request of the version, or of its batch one row where all of it would be too much.
TEST_F(TensorsTest, ItsDocumentsShowWhatWasAskedAndAnswered) {
  for (const std::int64_t rows : {2, 600}) {
    std::vector<float> numbers(static_cast<std::size_t>(rows) * 2, 0.5F);
    numbers[1] = -3;
    engine::Tensor x{.type = Datatype::Fp32, .shape = {rows, 2}, .bytes = {}, .texts = {}};
    x.bytes = bytes_of(numbers);
    scorer::Examples examples;
    examples.requests.push_back({{.name = "x", .tensor = x}});
    const auto deployment =
        std::make_shared<const serve::Deployment>("echo", "2", load_pairs(), examples);
    serve::warm_up(*deployment);
    ASSERT_TRUE(pairs_.endpoints().replace("echo", deployment));
    const TensorsJson document = json_of(pairs_.get("/openapi.json"));
    const TensorsJson& post = document["paths"]["/score"]["post"];
    const auto shown = TensorsJson::parse(rows == 2 ? "[[0.5,-3],[0.5,0.5]]" : "[[0.5,-3]]");
    EXPECT_EQ(post["requestBody"]["content"]["application/json"]["example"]["inputs"]["x"], shown);
    EXPECT_EQ(post["responses"]["200"]["content"]["application/json"]["example"], shown);
  }
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
