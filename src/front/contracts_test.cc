// What clients of each protocol send, and what they get.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "front/test_house.h"

namespace front {
namespace {

using testing::bytes_of;
using testing::House;

const std::string kFaqSimilarity = SOOTH_SOURCE_DIR "/demos/faq/similarity";
const std::string kData = SOOTH_SOURCE_DIR "/tests/scenario/data/";
const std::string kTwoRows =
    R"([{"age":30,"fare":50,"port":"Oslo"},{"age":null,"fare":5,"port":"Bern"}])";

using Json = nlohmann::json;

struct Sent {
  std::string path;
  std::string body;
  std::vector<net::Header> headers;
};

TEST(ContractsTest, EachFormGivesTheSameNumbers) {
  House house(kData + "passengers.joblib");
  const Json expected = Json::parse(
      house.post("/score", R"({"data":)" + kTwoRows + R"(,"method":"predict_proba"})").body);
  ASSERT_EQ(expected.size(), 2U);
  const struct {
    Sent sent;
    const char* at;  // Where the rows stand in the answer.
  } cases[] = {
      {{"/score?method=predict_proba", R"({"data":)" + kTwoRows + "}", {}}, ""},
      {{"/score", R"({"input_data":)" + kTwoRows + R"(,"params":{"method":"predict_proba"}})", {}},
       ""},
      {{"/score",
        R"({"input_data":{"columns":["port","age","fare"],"index":[0,1],)"
        R"("data":[["Oslo",30,50],["Bern",null,5]]},"params":{"method":"predict_proba"}})",
        {}},
       ""},
      {{"/invocations",
        R"({"dataframe_records":)" + kTwoRows + R"(,"params":{"method":"predict_proba"}})",
        {}},
       "/predictions"},
      {{"/invocations?method=predict_proba",
        R"({"dataframe_split":{"data":[[30,50,"Oslo"],[null,5,"Bern"]],)"
        R"("columns":["age","fare","port"]}})",
        {}},
       "/predictions"},
      {{"/invocations?method=predict_proba", R"({"instances":)" + kTwoRows + "}", {}},
       "/predictions"},
      {{"/invocations?method=predict_proba",
        R"({"inputs":{"age":[30,null],"fare":[50,5],"port":["Oslo","Bern"]}})",
        {}},
       "/predictions"},
      {{"/endpoints/passengers/invocations?method=predict_proba",
        "port,age,fare\nOslo,30,50\nBern,,5\n",
        {{"Content-Type", "text/csv; charset=utf-8"}}},
       "/predictions"},
      {{"/invocations?method=predict_proba",
        "30,50,Oslo\n,5,Bern\n",
        {{"Content-Type", "text/csv"}}},
       "/predictions"},
      {{"/invocations?method=predict_proba",
        "{\"age\":30,\"fare\":50,\"port\":\"Oslo\"}\n[null,5,\"Bern\"]\n",
        {{"Content-Type", "application/jsonlines"}}},
       "/predictions"},
      {{"/v1/models/passengers:predict",
        R"({"instances":)" + kTwoRows + R"(,"signature_name":"predict_proba"})",
        {}},
       "/predictions"},
      {{"/v1/models/passengers:predict",
        R"({"parameters":{"method":"predict_proba"},"instances":)" + kTwoRows + "}",
        {}},
       "/predictions"},
      {{"/v1/models/passengers:predict?method=predict_proba",
        R"({"inputs":{"age":[[30],[NaN]],"fare":[50,5],"port":["Oslo","Bern"]}})",
        {}},
       "/outputs"},
      {{"/invocations?method=predict_proba",
        R"({"dataframe_split":{"data":[[30,50,"Oslo"],[NaN,5,"Bern"]],)"
        R"("columns":["age","fare","port"]}})",
        {}},
       "/predictions"},
      {{"/v1/models/passengers/versions/1:predict?method=predict_proba",
        R"({"inputs":{"age":[[30],[null]],"fare":[50,5],"port":["Oslo","Bern"]}})",
        {}},
       "/outputs"},
  };
  for (const auto& c : cases) {
    const auto answer = house.ask(net::Method::Post, c.sent.path, c.sent.body, c.sent.headers);
    ASSERT_EQ(answer.status, 200) << c.sent.path << " " << c.sent.body << "\n" << answer.body;
    EXPECT_EQ(Json::parse(answer.body)[Json::json_pointer(c.at)], expected) << c.sent.body;
  }
}

TEST(ContractsTest, ATypeThatNoFormTakesIsRefusedBeforeTheBody) {
  House house(kData + "passengers.joblib");
  const struct {
    const char* path;
    const char* type;
    int status;
  } cases[] = {
      {"/score", "image/png", 415},
      {"/score", "multipart/form-data; boundary=x", 415},
      {"/score", "application/octet-stream", 415},
      {"/invocations", "application/xml", 415},
      {"/v1/models/passengers:predict", "text/csv", 415},
      {"/v2/models/passengers/infer", "application/jsonlines", 415},
      {"/score", "", 200},
      {"/score", "Application/JSON; charset=utf-8", 200},
      {"/score", "application/x-www-form-urlencoded", 200},
      {"/score", "text/plain", 200},
      {"/score", "application/vnd.shop+json", 200},
  };
  for (const auto& c : cases) {
    const auto answer = house.ask(net::Method::Post, c.path, R"({"data":)" + kTwoRows + "}",
                                  {{"Content-Type", c.type}});
    EXPECT_EQ(answer.status, c.status) << c.path << " " << c.type << " " << answer.body;
  }
  EXPECT_EQ(house.ask(net::Method::Post, "/score", "", {{"Content-Type", "image/png"}}).body,
            R"({"message":"Content-Type \"image/png\": expected application/json, text/csv or )"
            R"(application/jsonlines"})");
  EXPECT_EQ(house
                .ask(net::Method::Post, "/v2/models/passengers/infer", "",
                     {{"Content-Type", "image/png"}})
                .body,
            R"({"error":"Content-Type \"image/png\": expected application/json or )"
            R"(application/octet-stream"})");
}

TEST(ContractsTest, AMatchInEachForm) {
  House house(kFaqSimilarity);
  const std::string name = house.name();
  const std::string row = R"([{"input":"how to clone an object"}])";
  const Json expected =
      Json::parse(house.post("/score", R"({"input":"how to clone an object","top_k":2})").body);
  ASSERT_EQ(expected.size(), 2U);
  const Json by_output = {{"id", {expected[0][0], expected[1][0]}},
                          {"answer_id", {expected[0][1], expected[1][1]}},
                          {"probability", {expected[0][2], expected[1][2]}}};
  const auto predicted = [&](const std::string& path, const std::string& body) {
    const auto answer = house.post(path, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  };
  const std::string parameters = R"({"top_k":2})";
  EXPECT_EQ(predicted("/invocations",
                      R"({"dataframe_records":)" + row + R"(,"params":)" + parameters + "}"),
            Json({{"predictions", {by_output}}}));
  EXPECT_EQ(
      predicted("/v1/models/" + name + ":predict",
                R"({"instances":["how to clone an object"],"parameters":)" + parameters + "}"),
      Json({{"predictions", {by_output}}}));
  EXPECT_EQ(predicted("/v1/models/" + name + ":predict?method=id",
                      R"({"inputs":["how to clone an object"],"parameters":)" + parameters + "}"),
            Json({{"outputs", {by_output["id"]}}}));
  const auto lists = house.ask(net::Method::Post, "/score", "how to clone an object\n",
                               {{"content-type", "text/csv"}});
  ASSERT_EQ(lists.status, 200) << lists.body;
  EXPECT_EQ(Json::parse(lists.body)[0][0], expected[0]);
}

TEST(ContractsTest, AnswersAsTables) {
  House house(kData + "passengers.joblib");
  const std::string body = R"({"data":)" + kTwoRows + "}";
  const auto csv = house.ask(net::Method::Post, "/score", body, {{"Accept", "text/csv"}});
  EXPECT_EQ(csv.type, "text/csv; charset=utf-8");
  EXPECT_EQ(csv.body, "predict\n1\n0\n");
  const auto lines =
      house.ask(net::Method::Post, "/invocations", R"({"dataframe_records":)" + kTwoRows + "}",
                {{"Accept", "application/jsonlines"}});
  EXPECT_EQ(lines.body, "1\n0\n");
  const auto plain =
      house.ask(net::Method::Post, "/invocations", R"({"dataframe_records":)" + kTwoRows + "}",
                {{"Accept", "text/csv"}});
  EXPECT_EQ(plain.body, "1\n0\n");
}

TEST(ContractsTest, ClassifiesAndRegresses) {
  House flowers(kData + "flowers.joblib");
  const auto classes =
      flowers.post("/v1/models/flowers:classify", R"({"examples":[[5.0,3.4,1.5,0.2]]})");
  ASSERT_EQ(classes.status, 200) << classes.body;
  const Json results = Json::parse(classes.body)["results"];
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0][0][0].is_string()) << results;
  double sum = 0;
  for (const Json& each : results[0]) sum += each[1].get<double>();
  EXPECT_NEAR(sum, 1, 1e-12);
  const auto regress =
      flowers.post("/v1/models/flowers:regress", R"({"examples":[[5.0,3.4,1.5,0.2]]})");
  EXPECT_EQ(regress.status, 400);
  EXPECT_EQ(regress.body, R"({"error":"regress: expected a model that predicts numbers"})");
}

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

TEST(ContractsTest, NanInJsonIsAMissingValue) {
  House house(kData + "passengers.joblib");
  const auto inferred = [&](const std::string& age) {
    const auto answer = house.post(
        "/v2/models/passengers/infer",
        R"({"inputs":[{"name":"age","shape":[2,1],"datatype":"FP64","data":[[30],[)" + age +
            R"(]]},{"name":"fare","shape":[2],"datatype":"FP64","data":[50,5]},)"
            R"({"name":"port","shape":[2],"datatype":"BYTES","data":["Oslo","Bern"]}]})");
    return std::to_string(answer.status) + " " + answer.body;
  };
  EXPECT_EQ(inferred("NaN"), inferred("null"));
  EXPECT_EQ(inferred("NaN").substr(0, 3), "200");
  const auto scored = [&](const std::string& port) {
    return house.post("/score", R"({"data":[{"age":30,"fare":50,"port":)" + port + "}]}").body;
  };
  EXPECT_EQ(scored("NaN"), scored("null"));
  for (const char* token : {"-NaN", "NaNa", "nan", "tru", ""}) {
    EXPECT_EQ(inferred(token).substr(0, 3), "400") << token;
  }
}

TEST(ContractsTest, TopKMayBeADoubleThatIsWhole) {
  House house(kFaqSimilarity);
  const auto predicted = [&](const std::string& top_k) {
    const auto answer =
        house.post("/v1/models/" + house.name() + ":predict",
                   R"({"instances":["clone"],"parameters":{"top_k":)" + top_k + "}}");
    return std::to_string(answer.status) + " " + answer.body;
  };
  EXPECT_EQ(predicted("2.0"), predicted("2"));
  EXPECT_EQ(predicted("2e0").substr(0, 3), "200");
  for (const char* top_k : {"0", "0.5", "-1", "2.5", "1000000001", "1e300", "true", "\"2\""}) {
    EXPECT_EQ(predicted(top_k).substr(0, 3), "400") << top_k;
  }
}

// ---- What goes wrong, in each protocol's own form.

TEST(ContractsTest, ErrorsNameThePlace) {
  House house(kData + "passengers.joblib");
  const struct {
    Sent sent;
    const char* answer;
  } cases[] = {
      {{"/invocations", R"({"dataframe_records":[{"age":30,"fare":"x","port":"Oslo"}]})", {}},
       R"({"error_code":"BAD_REQUEST","message":"row 0, column \"fare\": expected a number, )"
       R"(got \"x\""})"},
      {{"/invocations", "age,fare,port\n30,x,Oslo\n", {{"Content-Type", "text/csv"}}},
       R"({"error_code":"BAD_REQUEST","message":"body:2: column \"fare\": expected a number, )"
       R"(got \"x\""})"},
      {{"/invocations", R"({"instances":[],"inputs":[]})", {}},
       R"({"error_code":"BAD_REQUEST","message":"body: expected one of \"dataframe_split\", )"
       R"(\"dataframe_records\", \"instances\", \"inputs\", got two"})"},
      {{"/invocations", R"({"dataframe_recrods":[]})", {}},
       R"({"error_code":"BAD_REQUEST","message":"body: unknown key \"dataframe_recrods\"; )"
       R"(did you mean \"dataframe_records\"?"})"},
      {{"/v1/models/passengers:predict", R"({"inputs":{"age":[1,2],"fare":[1]}})", {}},
       R"({"error":"column \"fare\": expected 2 cells as the column before, got another )"
       R"(number"})"},
      {{"/v1/models/passengers:predict", R"({"inputs":{"age":[1],"fare":[1,2]}})", {}},
       R"({"error":"column \"fare\": expected 1 cells as the column before, got another )"
       R"(number"})"},
      {{"/v1/models/passengers:predict", R"({"inputs":{"age":[1]}})", {}},
       R"({"error":"\"inputs\": column \"fare\": expected it, got none"})"},
      {{"/v1/models/passengers:predict", R"({"instances":[{"age":1}]})", {}},
       R"({"error":"row 0, column \"fare\": expected a number, got no such column"})"},
      {{"/v1/models/passengers:predict", R"({"instances":[], "signature_name":"nothing"})", {}},
       R"({"error":"\"signature_name\": expected predict or predict_proba or decision_function or predict_log_proba, )"
       R"(got \"nothing\""})"},
      {{"/score?method=nothing", R"({"data":)" + kTwoRows + "}", {}},
       R"({"message":"method: expected predict or predict_proba or decision_function or predict_log_proba, got )"
       R"(\"nothing\""})"},
      {{"/score", R"({"data":[{"age":30,]})", {}}, "malformed JSON at byte"},
      {{"/invocations", "", {}}, "body: expected JSON, got nothing"},
  };
  for (const auto& c : cases) {
    const auto answer = house.ask(net::Method::Post, c.sent.path, c.sent.body, c.sent.headers);
    EXPECT_EQ(answer.status, 400) << c.sent.body;
    EXPECT_NE(answer.body.find(c.answer), std::string::npos) << answer.body;
  }
}

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

TEST(ContractsTest, NumbersThatJsonCannotWrite) {
  House house(kData + "passengers.joblib");
  const auto ask = [&](const std::string& age) {
    return house.post("/score", R"({"data":[{"age":)" + age + R"(,"fare":5,"port":"Bern"}]})");
  };
  const auto missing = ask("null");
  ASSERT_EQ(missing.status, 200);
  EXPECT_EQ(ask("NaN").body, missing.body);
  EXPECT_EQ(ask("nan").status, 400);
  EXPECT_EQ(ask("NaNs").status, 400);
  EXPECT_EQ(house.post("/score", R"({"data":[[NaN,5,"Bern"],[NaN , 5, "Bern"]]})").body, "[0,0]");
}

TEST(ContractsTest, InfinityIsRefusedWhereScikitLearnRefusesIt) {
  House house(kData + "passengers.joblib");
  const auto answer =
      house.post("/score", R"({"data":[{"age":3,"fare":-Infinity,"port":"Bern"}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("expected a finite number, got infinity"), std::string::npos)
      << answer.body;
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
