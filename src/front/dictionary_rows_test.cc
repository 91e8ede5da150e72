// Rows that are dictionaries, in each protocol: names that nobody knows, and names that rows lack.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "front/test_house.h"

namespace front {
namespace {

using testing::House;
using RowsJson = nlohmann::json;

const std::string kDictionaryModels = SOOTH_SOURCE_DIR "/tests/scenario/data/";

struct DictionaryForm {
  std::string path;
  std::string body;
  const char* at;  // Where the rows stand in the answer.
  std::vector<net::Header> headers = {};
};

void expect_same(House& house, const RowsJson& expected, const std::vector<DictionaryForm>& forms) {
  for (const DictionaryForm& each : forms) {
    const auto answer = house.ask(net::Method::Post, each.path, each.body, each.headers);
    ASSERT_EQ(answer.status, 200) << each.path << " " << each.body << "\n" << answer.body;
    EXPECT_EQ(RowsJson::parse(answer.body)[RowsJson::json_pointer(each.at)], expected) << each.body;
  }
}

TEST(DictionaryRowsTest, TheRowIsHashedInEachForm) {
  House house(kDictionaryModels + "hashed.pkl");
  const std::string rows = R"([{"size":2,"kind":"b"},{}])";
  const std::string texts = R"(["{\"size\":2,\"kind\":\"b\"}","{}"])";
  const auto scored = house.post("/score", R"({"data":)" + rows + R"(,"method":"predict_proba"})");
  ASSERT_EQ(scored.status, 200) << scored.body;
  const RowsJson expected = RowsJson::parse(scored.body);
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_NEAR(expected[0][1].get<double>(), 0.68186189, 1e-8);
  const std::string asked = "?method=predict_proba";
  expect_same(
      house, expected,
      {{"/invocations" + asked, R"({"dataframe_records":)" + rows + "}", "/predictions"},
       {"/invocations" + asked,
        R"({"dataframe_split":{"columns":["row"],"data":[[{"size":2,"kind":"b"}],[{}]]}})",
        "/predictions"},
       {"/invocations" + asked,
        "{\"size\":2,\"kind\":\"b\"}\n{}\n",
        "/predictions",
        {{"Content-Type", "application/jsonlines"}}},
       {"/invocations" + asked,
        "row\n\"{\"\"size\"\":2,\"\"kind\"\":\"\"b\"\"}\"\n{}\n",
        "/predictions",
        {{"Content-Type", "text/csv"}}},
       {"/v1/models/hashed:predict" + asked, R"({"instances":)" + rows + "}", "/predictions"},
       {"/v1/models/hashed:predict" + asked, R"({"inputs":{"row":)" + rows + "}}", "/outputs"},
       {"/v1/models/hashed:predict" + asked, R"({"inputs":{"row":)" + texts + "}}", "/outputs"}});
  const auto tensor =
      house.post("/v2/models/hashed/infer",
                 R"({"inputs":[{"name":"row","datatype":"BYTES","shape":[2],"data":)" + texts +
                     R"(}],"outputs":[{"name":"predict_proba"}]})");
  ASSERT_EQ(tensor.status, 200) << tensor.body;
  EXPECT_EQ(RowsJson::parse(tensor.body)["outputs"][0]["data"][1], expected[0][1]);
}

TEST(DictionaryRowsTest, WhatIsNoDictionaryIsRefusedByRow) {
  House house(kDictionaryModels + "hashed.pkl");
  const auto refusal = [&](const std::string& rows) {
    return RowsJson::parse(house.post("/score", R"({"data":)" + rows + "}").body)["message"]
        .get<std::string>();
  };
  EXPECT_EQ(refusal(R"([{}, 3])"), R"(row 1, column "row": expected an object, got 3)");
  EXPECT_EQ(refusal(R"([{}, {"a": [1]}])"),
            R"(row 1, column "row": "a": expected a number or a text, got "[")");
  EXPECT_EQ(refusal(R"([["a"]])"),
            R"(row 0, column "row": expected an object of numbers and texts, got "[\"a\"]")");
}

TEST(DictionaryRowsTest, KeysMayLackInEachForm) {
  House house(kDictionaryModels + "listed.pkl");
  const auto scored = house.post(
      "/score", R"({"data":[{"kind":"b"},{"size":2,"new":1}],"method":"predict_proba"})");
  ASSERT_EQ(scored.status, 200) << scored.body;
  const RowsJson expected = RowsJson::parse(scored.body);
  const std::string asked = "?method=predict_proba";
  expect_same(
      house, expected,
      {{"/score" + asked,
        R"({"data":[{"kind":"b","old":0,"size":0},{"kind":null,"size":2,"old":false}]})", ""},
       {"/invocations" + asked,
        R"({"dataframe_split":{"columns":["kind","size"],"data":[["b",0],[null,2]]}})",
        "/predictions"},
       {"/invocations" + asked,
        "size,kind\n0,b\n2,\n",
        "/predictions",
        {{"Content-Type", "text/csv"}}},
       {"/v1/models/listed:predict" + asked, R"({"inputs":{"kind":["b",null],"size":[0,2]}})",
        "/outputs"}});
  const auto tensors =
      house.post("/v2/models/listed/infer",
                 R"({"inputs":[{"name":"size","datatype":"FP64","shape":[1],"data":[2]}],)"
                 R"("outputs":[{"name":"predict_proba"}]})");
  ASSERT_EQ(tensors.status, 200) << tensors.body;
  EXPECT_EQ(RowsJson::parse(tensors.body)["outputs"][0]["data"][1], expected[1][1]);
}

TEST(DictionaryRowsTest, TheDocumentSaysWhatARowIs) {
  House hashed(kDictionaryModels + "hashed.pkl");
  const RowsJson row =
      RowsJson::parse(hashed.get("/openapi.json").body)["components"]["schemas"]["Row"];
  EXPECT_EQ(row["type"], "object");
  EXPECT_EQ(row["additionalProperties"]["type"],
            RowsJson::parse(R"(["number","boolean","string"])"));
  EXPECT_TRUE(row["examples"][0].is_object()) << row.dump();
  House listed(kDictionaryModels + "listed.pkl");
  const RowsJson other =
      RowsJson::parse(listed.get("/openapi.json").body)["components"]["schemas"]["Row"];
  EXPECT_EQ(other["required"], RowsJson::array());
  EXPECT_EQ(other["additionalProperties"], true);
  const RowsJson metadata = RowsJson::parse(listed.get("/v2/models/listed").body);
  EXPECT_EQ(metadata["inputs"].size(), 3U) << metadata.dump();
}

}  // namespace
}  // namespace front
