// What the contracts of others take beside rows that fit: columns too many, dates, texts in base64,
// paths and parameters of their own.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auth/key_set.h"
#include "auth/test_time.h"
#include "front/guard.h"
#include "front/page.h"
#include "front/permission.h"
#include "front/test_house.h"

namespace front {
namespace {

using testing::House;
using DialectJson = nlohmann::json;

const std::string kTestModels = SOOTH_SOURCE_DIR "/tests/scenario/data/";
const std::string kTestSimilarity = SOOTH_SOURCE_DIR "/demos/faq/similarity";

House::Answer post_as(House& house, const std::string& path, const std::string& body,
                      const std::string& type) {
  return house.ask(net::Method::Post, path, body, {{"Content-Type", type}});
}

// The model was fitted with "day", and nothing reads it.
TEST(DialectsTest, WhateverStandsInAColumnThatNothingReadsIsTaken) {
  House house(kTestModels + "deliveries.joblib");
  const std::string expected = "[18.666666666666668]";
  for (const char* day : {R"("2026-01-01")", R"("2026-01-01T00:00:00.000")", "1767225600000",
                          "null", R"("soon")", R"({"year":2026})"}) {
    const std::string row = R"({"day":)" + std::string(day) + R"(,"distance":6.3,"city":"Oslo"})";
    EXPECT_EQ(house.post("/score", R"({"data":[)" + row + "]}").body, expected) << day;
    EXPECT_EQ(house.post("/invocations", R"({"dataframe_records":[)" + row + "]}").body,
              R"({"predictions":)" + expected + "}")
        << day;
  }
  EXPECT_EQ(
      post_as(house, "/invocations", "day,distance,city\n2026-01-01,6.3,Oslo\n", "text/csv").body,
      R"({"predictions":)" + expected + "}");
}

TEST(DialectsTest, ATensorOfAColumnThatNothingReadsIsTaken) {
  House house(kTestModels + "deliveries.joblib");
  const std::string others = R"({"name":"distance","datatype":"FP64","shape":[1],"data":[6.3]},)"
                             R"({"name":"city","datatype":"BYTES","shape":[1],"data":["Oslo"]})";
  for (const char* day : {R"({"name":"day","datatype":"BYTES","shape":[1],"data":["2026-01-01"]},)",
                          R"({"name":"day","datatype":"INT64","shape":[1,1],"data":[1]},)", ""}) {
    const auto answer = house.post("/v2/models/deliveries/infer",
                                   R"({"inputs":[)" + std::string(day) + others + "]}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(DialectJson::parse(answer.body)["outputs"][0]["data"][0], 18.666666666666668);
  }
  const auto more =
      house.post("/v2/models/deliveries/infer",
                 R"({"inputs":[{"name":"day","datatype":"BYTES","shape":[2],"data":["a","b"]},)" +
                     others + "]}");
  EXPECT_EQ(more.status, 400) << more.body;
}

TEST(DialectsTest, ADateWhereANumberIsExpectedIsCalledOne) {
  House house(kTestModels + "deliveries.joblib");
  const auto answer =
      house.post("/score", R"({"data":[[0,1,"Rome"],[0,"2026-01-01T08:00:00","Rome"]]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"message":"row 1, column \"distance\": expected a number, got the )"
                         R"(date \"2026-01-01T08:00:00\""})");
  const auto epoch = house.post("/score", R"({"data":[[0,1,1767225600000]]})");
  EXPECT_EQ(epoch.body,
            R"({"message":"row 0, column \"city\": expected a text, got 1767225600000"})");
  const auto csv =
      post_as(house, "/invocations", "distance,city\n2026-01-01 08:00,Rome\n", "text/csv");
  EXPECT_NE(csv.body.find(R"(got the date \"2026-01-01 08:00\")"), std::string::npos) << csv.body;
}

TEST(DialectsTest, MlflowLeavesOutColumnsThatTheModelHasNot) {
  House house(kTestModels + "passengers.joblib");
  const std::string expected = R"({"predictions":[1]})";
  const std::vector<std::string> bodies = {
      R"({"dataframe_records":[{"note":{"a":[1]},"age":30,"fare":50,"x":1,"port":"Oslo"}]})",
      R"({"instances":[{"age":30,"fare":50,"port":"Oslo","note":null}]})",
      R"({"dataframe_split":{"columns":["note","age","fare","port"],"data":[["x",30,50,"Oslo"]]}})",
      R"({"inputs":{"note":["x","y"],"age":[30],"fare":[50],"port":["Oslo"]}})",
  };
  for (const std::string& body : bodies) {
    EXPECT_EQ(house.post("/invocations", body).body, expected) << body;
  }
  EXPECT_EQ(post_as(house, "/invocations", "note,age,fare,port\nx,30,50,Oslo\n", "text/csv").body,
            expected);
  EXPECT_EQ(post_as(house, "/invocations", R"({"note":1,"age":30,"fare":50,"port":"Oslo"})",
                    "application/jsonlines")
                .body,
            expected);
  EXPECT_EQ(house
                .post("/score", R"({"input_data":{"columns":["age","fare","port","note"],)"
                                R"("data":[[30,50,"Oslo",1]]}})")
                .body,
            "[1]");
}

TEST(DialectsTest, WhatTheModelReadsHasToBeThereAllTheSame) {
  House house(kTestModels + "passengers.joblib");
  const auto missing =
      house.post("/invocations", R"({"dataframe_records":[{"Age":30,"fare":50,"port":"Oslo"}]})");
  EXPECT_EQ(missing.status, 400);
  EXPECT_NE(missing.body.find(R"(column \"age\": expected a number, got no such column)"),
            std::string::npos)
      << missing.body;
  // Elsewhere, and in the next request of the same session, another name is refused.
  for (const char* path : {"/score", "/v1/models/passengers:predict"}) {
    const std::string key = path[1] == 's' ? "data" : "instances";
    const auto other =
        house.post(path, "{\"" + key + R"(":[{"age":30,"fare":50,"port":"Oslo","prt":1}]})");
    EXPECT_EQ(other.status, 400) << path;
    EXPECT_NE(other.body.find(R"(did you mean \"port\"?)"), std::string::npos) << other.body;
  }
}

TEST(DialectsTest, ParametersMayBeNull) {
  House house(kTestModels + "passengers.joblib");
  const std::string rows = R"([{"age":30,"fare":50,"port":"Oslo"}])";
  EXPECT_EQ(
      house.post("/invocations", R"({"dataframe_records":)" + rows + R"(,"params":null})").body,
      R"({"predictions":[1]})");
  EXPECT_EQ(house.post("/score", R"({"input_data":)" + rows + R"(,"params":null})").body, "[1]");
}

TEST(DialectsTest, TextsInBase64) {
  House house(kTestModels + "passengers.joblib");
  const std::string path = "/v1/models/passengers:predict";
  const auto ask = [&](const std::string& port) {
    return house.post(path, R"({"instances":[{"age":30,"fare":50,"port":)" + port + "}]}");
  };
  EXPECT_EQ(ask(R"({"b64":"T3Nsbw=="})").body, R"({"predictions":[1]})");
  EXPECT_EQ(
      house.post(path, R"({"inputs":{"age":[30],"fare":[50],"port":[{"b64":"T3Nsbw=="}]}})").body,
      R"({"outputs":[1]})");
  const std::string place = R"({"error":"row 0, column \"port\": expected a text, got )";
  EXPECT_EQ(ask(R"({"b64":"T3Ns"})").status, 200);
  EXPECT_EQ(ask(R"({"b64":"T3N"})").body, place + R"(\"b64\" that is no base64: \"T3N\""})");
  EXPECT_EQ(ask(R"({"b64":"/w=="})").body, place + R"(\"b64\" of bytes that are no UTF-8"})");
  for (const char* other : {R"({"b64":"","b64":""})", R"({"b64":1})", "{}", R"({"b65":""})"}) {
    EXPECT_EQ(ask(other).body, place + R"(an object"})") << other;
  }
}

TEST(DialectsTest, ARowOfOneColumnInBase64) {
  House house(kTestSimilarity);
  const std::string path = "/v1/models/" + house.name() + ":predict?method=id";
  const auto plain = house.post(path, R"({"instances":["reverse a string"]})");
  ASSERT_EQ(plain.status, 200) << plain.body;
  EXPECT_EQ(house.post(path, R"({"instances":[{"b64":"cmV2ZXJzZSBhIHN0cmluZw=="}]})").body,
            plain.body);
  EXPECT_EQ(
      house.post(path, R"({"instances":[{"input":{"b64":"cmV2ZXJzZSBhIHN0cmluZw=="}}]})").body,
      plain.body);
  // Malformed before the key that says which of both it is, with a key behind the rows.
  const auto broken =
      house.post(path, "{\"instances\":[{\1 \"b64\":\"eA==\"}],\"parameters\":null}");
  EXPECT_EQ(broken.status, 400) << broken.body;
}

TEST(DialectsTest, ALabelOfTensorFlowServingIsAVersionsName) {
  House house(kTestModels + "passengers.joblib");
  const std::string body = R"({"instances":[[30,50,"Oslo"]]})";
  EXPECT_EQ(house.post("/v1/models/passengers/labels/1:predict", body).status, 200);
  EXPECT_EQ(house.get("/v1/models/passengers/labels/1/metadata").status, 200);
  const auto stable = house.post("/v1/models/passengers/labels/stable:predict", body);
  EXPECT_EQ(stable.status, 404);
  EXPECT_EQ(stable.body, R"({"error":"endpoint \"passengers\" version \"stable\": expected 1"})");
}

// Neither may turn to an output of another kind.
TEST(DialectsTest, ClassifyAndRegressHaveAnOutputOfTheirOwn) {
  House flowers(kTestModels + "flowers.joblib");
  const std::string row = "[[5.0,3.4,1.5,0.2]]";
  const auto ask = [&](const std::string& query, const std::string& signature) {
    return flowers.post("/v1/models/flowers:classify" + query,
                        R"({"signature_name":")" + signature + R"(","examples":)" + row + "}");
  };
  EXPECT_EQ(ask("", "serving_default").status, 200);
  EXPECT_EQ(ask("", "predict_proba").status, 200);
  EXPECT_EQ(ask("", "predict").body,
            R"({"error":"\"signature_name\": expected serving_default or predict_proba, got )"
            R"(\"predict\""})");
  EXPECT_EQ(ask("?method=predict", "").status, 400);
  House deliveries(kTestModels + "deliveries.joblib");
  const auto regress = deliveries.post("/v1/models/deliveries:regress",
                                       R"({"examples":[{"distance":6.3,"city":"Oslo"}]})");
  EXPECT_EQ(regress.body, R"({"results":[18.666666666666668]})");
}

TEST(DialectsTest, ItsConfigurationAsTritonHasIt) {
  House house(kTestModels + "deliveries.joblib");
  const auto config = DialectJson::parse(house.get("/v2/models/deliveries/config").body);
  EXPECT_EQ(config["name"], "deliveries");
  EXPECT_EQ(config["max_batch_size"], 0);
  EXPECT_EQ(config["input"][0], DialectJson::parse(R"({"name":"day","data_type":"TYPE_FP64",)"
                                                   R"("dims":[-1],"optional":true})"));
  EXPECT_EQ(config["input"][2]["data_type"], "TYPE_STRING");
  EXPECT_EQ(config["output"], DialectJson::parse(R"([{"name":"predict","data_type":"TYPE_FP64",)"
                                                 R"("dims":[-1]}])"));
  EXPECT_EQ(house.get("/v2/models/deliveries/versions/1/config").status, 200);
  EXPECT_EQ(house.get("/v2/models/nobody/config").status, 404);
}

TEST(DialectsTest, WhatTritonHasAndIsNotHereIsRefusedByName) {
  House house(kTestModels + "passengers.joblib");
  const std::string none =
      R"({"error":"shared memory: there is none here; send the tensors' data in the request"})";
  for (const char* path : {"/v2/systemsharedmemory/status", "/v2/cudasharedmemory/status",
                           "/v2/systemsharedmemory/region/a/register"}) {
    EXPECT_EQ(house.get(path).status, 501) << path;
    EXPECT_EQ(house.post(path, "{}").body, none) << path;
  }
  const std::string inputs =
      R"("inputs":[{"name":"age","datatype":"FP64","shape":[1],"data":[30]},)"
      R"({"name":"fare","datatype":"FP64","shape":[1],"data":[50]},)"
      R"({"name":"port","datatype":"BYTES","shape":[1],"data":["Oslo"]}])";
  const std::string path = "/v2/models/passengers/infer";
  const auto ask = [&](const std::string& parameters) {
    return house.post(
        path, "{" + inputs + R"(,"outputs":[{"name":"predict","parameters":)" + parameters + "}]}");
  };
  EXPECT_EQ(ask("{}").status, 200);
  EXPECT_EQ(ask(R"({"classification":2})").body,
            R"({"error":"\"classification\": expected none: ask for the output itself, which has )"
            R"(the labels"})");
  EXPECT_EQ(ask(R"({"shared_memory_region":"a"})").status, 400);
}

TEST(DialectsTest, WhoWantsHtmlGetsThePageAndOthersThatItIsAlive) {
  House house(kTestModels + "passengers.joblib");
  const std::string alive = R"({"status":"alive"})";
  for (const char* accept : {"", "*/*", "application/json", "text/plain, text/htmlx"}) {
    const auto answer = house.ask(net::Method::Get, "/", "", {{"Accept", accept}});
    EXPECT_EQ(answer.body, alive) << accept;
    EXPECT_EQ(answer.type, "application/json");
    EXPECT_EQ(answer.field("Vary"), "Accept");
  }
  for (const char* accept : {"text/html", "text/html,application/xml;q=0.9,*/*;q=0.8",
                             "application/xml, Text/HTML;q=0.5"}) {
    EXPECT_EQ(house.ask(net::Method::Get, "/", "", {{"Accept", accept}}).type,
              "text/html; charset=utf-8")
        << accept;
  }
}

// Who brings no key where one is needed gets a page that asks for it and knows of no model.
TEST(DialectsTest, ThePageAsksForAKeyWhereOneIsNeeded) {
  Guard::Keys keys(std::make_shared<const auth::KeySet>(*auth::KeySet::make({})));
  House house(kTestModels + "passengers.joblib", 1e12,
              {.keys = &keys, .wall_now = [] { return auth::kNow; }});
  const std::vector<net::Header> browser = {{"Accept", "text/html"}};
  const auto page = house.ask(net::Method::Get, "/", "", browser);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  EXPECT_EQ(page.body, key_page());
  EXPECT_EQ(page.body.find("passengers"), std::string::npos);
  EXPECT_EQ(page.field("Content-Security-Policy"), kPagePolicy);
  EXPECT_EQ(page.field("Cache-Control"), "no-store");
  EXPECT_EQ(page.field("Referrer-Policy"), "no-referrer");
  // The key has no name that a form could send, and is kept nowhere.
  for (const char* word : {"name=\"key\"", "localStorage", "sessionStorage", "cookie", "indexedDB",
                           "location", "history", "http://", "https://"}) {
    EXPECT_EQ(page.body.find(word), std::string::npos) << word;
  }
  // One that is not good is refused, as everywhere.
  EXPECT_EQ(
      house.ask(net::Method::Get, "/", "", {{"Accept", "text/html"}, {"x-api-key", "a"}}).status,
      401);
  // Asking for it is nothing to hold against a source.
  for (int i = 0; i < 200; ++i) house.ask(net::Method::Get, "/", "", browser);
  EXPECT_EQ(house.ask(net::Method::Get, "/", "", browser).status, 200);
  // Where nobody needs a key, there is the model.
  House open(kTestModels + "passengers.joblib");
  EXPECT_NE(open.ask(net::Method::Get, "/", "", browser).body.find("passengers"),
            std::string::npos);
}

// The page shows the model; that it is alive is what probes ask.
TEST(DialectsTest, ThePageNeedsAKeyAndBeingAliveNone) {
  EXPECT_FALSE(permission_of(contract::Action::Page).is_open());
  EXPECT_TRUE(permission_of(contract::Action::Alive).is_open());
}

}  // namespace
}  // namespace front
