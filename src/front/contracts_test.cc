// What clients of each protocol send, and what they get.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "front/test_contracts.h"

namespace front {
namespace {

using testing::House;
using testing::Json;
using testing::kData;
using testing::kFaqSimilarity;
using testing::kTwoRows;
using testing::Sent;

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

}  // namespace
}  // namespace front
