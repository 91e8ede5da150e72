// What a server says of itself, and what answers carry beside their numbers.
#include <array>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "front/test_contracts.h"

namespace front {
namespace {

using testing::House;
using testing::Json;
using testing::kData;
using testing::kFaqSimilarity;
using testing::kTwoRows;

TEST(ContractsTest, DescribesItselfInEachProtocol) {
  House house(kData + "passengers.joblib");
  const auto json = [&](const std::string& path) {
    const auto answer = house.get(path);
    EXPECT_EQ(answer.status, 200) << path << answer.body;
    return Json::parse(answer.body);
  };
  house.post("/score", R"({"data":)" + kTwoRows + "}");
  EXPECT_EQ(json("/v2")["extensions"][0], "binary_tensor_data");
  EXPECT_EQ(json("/v2/models")["models"], Json({"passengers"}));
  EXPECT_EQ(json("/v2/models/passengers")["versions"], Json({"1"}));
  EXPECT_EQ(json("/v1/models/passengers")["model_version_status"][0]["state"], "AVAILABLE");
  EXPECT_EQ(json("/v1/models/passengers")["ready"], true);
  EXPECT_EQ(json("/v1/models/passengers/metadata")["model_spec"]["version"], "1");
  for (const char* path : {"/v2/models/stats", "/v2/models/passengers/stats"}) {
    const Json stats = json(path)["model_stats"][0];
    EXPECT_EQ(stats["inference_count"], 2);
    EXPECT_EQ(stats["execution_count"], 1);
    EXPECT_EQ(stats["inference_stats"]["success"]["count"], 1);
    EXPECT_GT(stats["inference_stats"]["compute_infer"]["ns"], 0);
  }
  const auto index = house.post("/v2/repository/index", R"({"ready":true})");
  EXPECT_EQ(Json::parse(index.body),
            Json::parse(R"([{"name":"passengers","version":"1","state":"READY","reason":""}])"));
  EXPECT_EQ(house.get("/ping").body, "\n");
  EXPECT_EQ(json("/swagger.json?version=3")["openapi"], "3.1.0");
  EXPECT_EQ(house.ask(net::Method::Trace, "/score").status, 405);
  EXPECT_EQ(house.ask(net::Method::Query, "/score").status, 405);
  house.front().drain();
  EXPECT_EQ(house.get("/ping").status, 503);
  EXPECT_EQ(house.get("/v1/models/passengers").status, 503);
}

TEST(ContractsTest, ItsDocumentsHoldAnExampleThatItAnswers) {
  for (const std::string& model : {kData + "passengers.joblib", kFaqSimilarity}) {
    House house(model);
    const Json document = Json::parse(house.get("/openapi.json").body);
    EXPECT_EQ(document["openapi"], "3.1.0");
    const Json& post = document["paths"]["/score"]["post"];
    const Json& request = post["requestBody"]["content"]["application/json"]["example"];
    const Json& answer = post["responses"]["200"]["content"]["application/json"]["example"];
    EXPECT_EQ(Json::parse(house.post("/score", request.dump()).body), answer);
    EXPECT_EQ(Json::parse(house.get("/swagger.json").body)["swagger"], "2.0");
    EXPECT_EQ(house.get("/endpoints/" + house.name() + "/openapi.json").status, 200);
  }
}

TEST(ContractsTest, ItsDocumentSaysWhatARowOfAMatchMayBe) {
  House house(kFaqSimilarity);
  const Json document = Json::parse(house.get("/openapi.json").body);
  const Json text = {{"type", "string"}, {"pattern", "[^ \\t\\r\\n]"}};
  EXPECT_EQ(document["components"]["schemas"]["Row"]["properties"]["input"], text);
  const Json path = document["paths"]["/v1/models/" + house.name() + ":predict"];
  const Json& rows = path["post"]["requestBody"]["content"]["application/json"]["schema"]
                         ["properties"]["instances"]["items"]["anyOf"];
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1], text);
  EXPECT_EQ(document["components"]["schemas"]["Tensor"]["properties"]["datatype"]["enum"].size(),
            14U);
}

TEST(ContractsTest, ADeploymentIsChosenByItsField) {
  House house(kData + "passengers.joblib");
  const std::string body = R"({"data":)" + kTwoRows + "}";
  const auto good =
      house.ask(net::Method::Post, "/score", body, {{"azureml-model-deployment", "1"}});
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.field("azureml-model-deployment"), "1");
  const auto bad =
      house.ask(net::Method::Post, "/score", body, {{"azureml-model-deployment", "blue"}});
  EXPECT_EQ(bad.status, 404);
  EXPECT_EQ(bad.body, R"({"message":"endpoint \"passengers\" version \"blue\": expected 1"})");
}

TEST(ContractsTest, PackedBodiesBothWays) {
  House house(kData + "passengers.joblib", 1e12, {.bodies = {.pack_bytes_min = 0}});
  const std::string body = R"({"data":)" + kTwoRows + "}";
  for (const Coding coding : {Coding::Gzip, Coding::Zstd}) {
    const std::string name(coding_name(coding));
    const auto answer = house.ask(net::Method::Post, "/score", pack(coding, body),
                                  {{"Content-Encoding", name}, {"Accept-Encoding", name}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("Content-Encoding"), name);
    std::string unpacked;
    ASSERT_TRUE(unpack(coding, answer.body, {}, 0, unpacked).ok());
    EXPECT_EQ(unpacked, "[1,0]");
  }
  const auto broken = house.ask(net::Method::Post, "/score", body, {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(broken.status, 400);
  EXPECT_EQ(house.ask(net::Method::Post, "/score", body, {{"Content-Encoding", "br"}}).body,
            R"({"message":"Content-Encoding: expected gzip, deflate, zstd or identity, got )"
            R"(\"br\""})");
}

TEST(ContractsTest, SaysWhereTheTimeWentToWhoAsks) {
  House house(kData + "passengers.joblib");
  const std::string body = R"({"data":)" + kTwoRows + "}";
  EXPECT_EQ(house.post("/score", body).field("Server-Timing"), "");
  const auto begun = std::chrono::steady_clock::now();
  const auto timed = house.ask(net::Method::Post, "/score", body, {{"X-Server-Timing", "1"}});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  const std::string field(timed.field("Server-Timing"));
  std::array<double, 4> ms{};
  int end = 0;
  ASSERT_EQ(
      std::sscanf(field.c_str(), "parse;dur=%lf, queue;dur=%lf, compute;dur=%lf, write;dur=%lf%n",
                  &ms[0], &ms[1], &ms[2], &ms[3], &end),
      4)
      << timed.fields;
  EXPECT_EQ(static_cast<std::size_t>(end), field.size());
  EXPECT_GT(ms[0], 0);
  // Each is cut after a microsecond, and none is time that was not there.
  EXPECT_LE(ms[0] + ms[1] + ms[2] + ms[3], took.count() + 0.004);
}

TEST(ContractsTest, APlatformsOwnPaths) {
  House house(kData + "passengers.joblib", 1e12,
              {.predict_route = "/v1/x/predict", .health_route = "/v1/x/health"});
  const auto answer = house.post("/v1/x/predict", R"({"instances":)" + kTwoRows + "}");
  EXPECT_EQ(answer.body, R"({"predictions":[1,0]})");
  EXPECT_EQ(house.get("/v1/x/health").status, 200);
}

}  // namespace
}  // namespace front
