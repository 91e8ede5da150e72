// Tensors in binary: of the Open Inference Protocol over REST.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "front/test_contracts.h"

namespace front {
namespace {

using testing::bytes_of;
using testing::House;
using testing::Json;
using testing::kData;
using testing::kFaqSimilarity;

// ---- The binary extension.

std::string text_bytes(const std::vector<std::string>& texts) {
  std::string bytes;
  for (const std::string& text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&size), sizeof(size));
    bytes += text;
  }
  return bytes;
}

TEST(ContractsTest, TensorsInBinaryAndInJsonMixed) {
  House house(kData + "passengers.joblib");
  const std::string json =
      R"({"id":"7","inputs":[)"
      R"({"name":"fare","shape":[2,1],"datatype":"FP32","parameters":{"binary_data_size":8}},)"
      R"({"name":"age","shape":[2],"datatype":"INT16","data":[30,40]},)"
      R"({"name":"port","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":16}}],)"
      R"("outputs":[{"name":"predict","parameters":{"binary_data":true}},)"
      R"({"name":"predict_proba"}]})";
  const std::string body = json + bytes_of<float>({50, 5}) + text_bytes({"Oslo", "Bern"});
  const std::string length = std::to_string(json.size());
  const auto answer = house.ask(
      net::Method::Post, "/v2/models/passengers/infer", body,
      {{"Inference-Header-Content-Length", length}, {"Content-Type", "application/octet-stream"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.type, "application/octet-stream");
  const std::size_t json_bytes = std::stoul(answer.field("Inference-Header-Content-Length"));
  const Json head = Json::parse(answer.body.substr(0, json_bytes));
  EXPECT_EQ(head["id"], "7");
  EXPECT_EQ(head["outputs"][0]["parameters"]["binary_data_size"], 16);
  EXPECT_FALSE(head["outputs"][0].contains("data"));
  EXPECT_EQ(head["outputs"][1]["data"].size(), 4U);
  EXPECT_EQ(answer.body.substr(json_bytes), bytes_of<std::int64_t>({1, 0}));
}

TEST(ContractsTest, AllOutputsInBinaryWhereTheRequestSaysSo) {
  House house(kData + "flowers.joblib");
  const std::string json =
      R"({"parameters":{"binary_data_output":true},"inputs":[)"
      R"({"name":"x","shape":[1,4],"datatype":"FP64","parameters":{"binary_data_size":32}}]})";
  const std::string length = std::to_string(json.size());
  const auto answer = house.ask(net::Method::Post, "/v2/models/flowers/infer",
                                json + bytes_of<double>({5.0, 3.4, 1.5, 0.2}),
                                {{"inference-header-content-length", length}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::size_t json_bytes = std::stoul(answer.field("Inference-Header-Content-Length"));
  const Json head = Json::parse(answer.body.substr(0, json_bytes));
  EXPECT_EQ(head["outputs"][0]["datatype"], "BYTES");
  EXPECT_EQ(answer.body.substr(json_bytes, 7), text_bytes({"low"}));
}

TEST(ContractsTest, ARawBodyIsTheOnlyInput) {
  House house(kFaqSimilarity);
  const auto answer =
      house.ask(net::Method::Post, "/v2/models/" + house.name() + "/infer",
                "how to clone an object", {{"Inference-Header-Content-Length", "0"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.type, "application/octet-stream");
  House columns(kData + "passengers.joblib");
  const auto refused = columns.ask(net::Method::Post, "/v2/models/passengers/infer", "xxxxxxxx",
                                   {{"Inference-Header-Content-Length", "0"}});
  EXPECT_EQ(refused.body, R"({"error":"body: expected JSON, as the model has 3 inputs, got binary )"
                          R"(data alone"})");
}

TEST(ContractsTest, BinaryDataThatDoesNotFitIsRefused) {
  House house(kData + "flowers.joblib");
  const struct {
    const char* tensor;
    std::size_t bytes;
    const char* problem;
  } cases[] = {
      {R"("shape":[1,4],"datatype":"FP64","parameters":{"binary_data_size":40})", 32,
       "expected at most the 32 bytes that are left behind the JSON, got 40"},
      {R"("shape":[1,4],"datatype":"FP64","parameters":{"binary_data_size":24})", 24,
       "expected 4 elements of 8 bytes as \\\"shape\\\" and \\\"datatype\\\" say, got 24 bytes"},
      {R"("shape":[1,4],"datatype":"FP64","parameters":{"binary_data_size":32})", 40,
       "got 8 bytes more"},
      {R"("shape":[1,4],"datatype":"FP64","parameters":{"binary_data_size":32},"data":[1])", 32,
       "got both"},
      {R"("shape":[1000000000000,4],"datatype":"FP64","parameters":{"binary_data_size":32})", 32,
       "expected no more rows than the body has room for"},
      {R"("shape":[9223372036854775808,4],"datatype":"FP64","data":[])", 0,
       "expected no more rows than the body has room for"},
      {R"("shape":[1,4],"datatype":"BYTES","parameters":{"binary_data_size":32})", 32,
       "expected a datatype of numbers, got BYTES"},
      {R"("shape":[1,5],"datatype":"FP64","data":[1,2,3,4,5])", 0,
       "expected \\\"shape\\\" [n, 4], got [1, 5]"},
      {R"("shape":[1,4],"datatype":"FP8","data":[1])", 0, "\\\"datatype\\\": expected one of"},
  };
  for (const auto& c : cases) {
    const std::string json = std::string(R"({"inputs":[{"name":"x",)") + c.tensor + "}]}";
    const std::string length = std::to_string(json.size());
    const auto answer =
        house.ask(net::Method::Post, "/v2/models/flowers/infer", json + std::string(c.bytes, '\0'),
                  {{"Inference-Header-Content-Length", length}});
    EXPECT_EQ(answer.status, 400) << json;
    EXPECT_NE(answer.body.find(c.problem), std::string::npos) << answer.body;
  }
  for (const char* length : {"x", "-1", "1e3", "999999", ""}) {
    const auto answer = house.ask(net::Method::Post, "/v2/models/flowers/infer", "{}",
                                  {{"Inference-Header-Content-Length", length}});
    EXPECT_EQ(answer.status, 400) << length;
  }
}

}  // namespace
}  // namespace front
