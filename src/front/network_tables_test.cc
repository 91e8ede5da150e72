// Tables for a network of one matrix, in the forms that models of rows take.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contract/test_tensors.h"
#include "front/test_house.h"

namespace front {
namespace {

using contract::testing::load_echo;
using contract::testing::load_pairs;
using contract::testing::load_three;
using contract::testing::test_spec;
using data::Datatype;
using testing::House;

House::Answer post_table(House& house, const std::string& body,
                         const std::string& type = "text/csv", const std::string& accept = "",
                         const std::string& path = "/score") {
  return house.ask(net::Method::Post, path, body, {{"Content-Type", type}, {"Accept", accept}});
}

std::string message_of(const House::Answer& answer) {
  EXPECT_EQ(answer.status, 400) << answer.body;
  return nlohmann::json::parse(answer.body).at("message");
}

TEST(NetworkTablesTest, RowsComeWithNamesOrWithout) {
  House house(load_pairs());
  const struct {
    std::string body;
    std::string type;
    std::string answer;
  } cases[] = {
      {"1,2\n3,4.5\n", "text/csv", "[[1,2],[3,4.5]]"},
      {"1,2", "text/csv; charset=utf-8", "[[1,2]]"},
      {"x0,x1\n1,2\n", "application/csv", "[[1,2]]"},
      {"x1,x0\r\n1,2\r\n", "text/csv", "[[2,1]]"},
      {"\"1\",\" 2 \"\n\n-3e2,+4\n", "text/csv", "[[1,2],[-300,4]]"},
      {"True,False\n", "text/csv", "[[1,0]]"},
      {"other,x1,x0\n9,1,2\n", "text/csv", "[[2,1]]"},
      {"[1,2]\n[3,4]\n", "application/jsonlines", "[[1,2],[3,4]]"},
      {R"({"x1":1,"x0":2})", "application/x-ndjson", "[[2,1]]"},
  };
  for (const auto& c : cases) {
    const auto answer = post_table(house, c.body, c.type);
    EXPECT_EQ(answer.status, 200) << c.body;
    EXPECT_EQ(answer.body, c.answer) << c.body;
    EXPECT_EQ(post_table(house, c.body, c.type, "", "/invocations").body,
              "{\"predictions\":" + c.answer + "}");
  }
}

TEST(NetworkTablesTest, AnswersAreTablesWhereTheyAreWanted) {
  House house(load_pairs());
  const std::string rows = R"({"inputs":[[1,2],[3,4.5]]})";
  for (const auto& [path, head] :
       {std::pair("/score", "x_out_0,x_out_1\n"), std::pair("/invocations", "")}) {
    const auto csv = post_table(house, rows, "application/json", "text/csv", path);
    EXPECT_EQ(csv.type, "text/csv; charset=utf-8");
    EXPECT_EQ(csv.body, std::string(head) + "1,2\n3,4.5\n");
    const auto lines = post_table(house, rows, "application/json", "application/jsonlines", path);
    EXPECT_EQ(lines.type, "application/jsonlines");
    EXPECT_EQ(lines.body, "[1,2]\n[3,4.5]\n");
  }
  EXPECT_EQ(post_table(house, "1,2\n", "text/csv", "text/csv").body, "x_out_0,x_out_1\n1,2\n");
}

TEST(NetworkTablesTest, SeveralOutputsStandBesideEachOther) {
  House house(
      load_echo({test_spec("a", Datatype::Int32, {-1}), test_spec("b,c", Datatype::Bytes, {-1, 2}),
                 test_spec("d", Datatype::Fp64, {-1})}));
  const std::string rows = R"({"inputs":{"a":[1,2],"b,c":[["x","y,z"],["\"",""]],"d":[0.5,NaN]}})";
  EXPECT_EQ(post_table(house, rows, "application/json", "text/csv").body,
            "a_out,\"b,c_out_0\",\"b,c_out_1\",d_out\n1,x,\"y,z\",0.5\n2,\"\"\"\",,\n");
  EXPECT_EQ(post_table(house, rows, "application/json", "application/jsonlines").body,
            "{\"a_out\":1,\"b,c_out\":[\"x\",\"y,z\"],\"d_out\":0.5}\n"
            "{\"a_out\":2,\"b,c_out\":[\"\\\"\",\"\"],\"d_out\":null}\n");
  // An answer without rows is no table.
  House three(load_three());
  const std::string request = R"({"inputs":{"ids":[[1]],"scale":[2],"words":["a"]}})";
  for (const char* accept : {"text/csv", "application/jsonlines"}) {
    const auto answer = post_table(three, request, "application/json", accept);
    EXPECT_EQ(answer.type, "application/json");
    EXPECT_EQ(answer.body, R"({"ids_out":[[1]],"scale_out":[2],"words_out":["a"],"elements":1})");
  }
  House cubes(load_echo({test_spec("x", Datatype::Fp32, {-1, 1, 2})}));
  EXPECT_EQ(post_table(cubes, R"({"inputs":[[[1,2]]]})", "application/json", "text/csv").type,
            "application/json");
  EXPECT_EQ(
      post_table(cubes, R"({"inputs":[[[1,2]]]})", "application/json", "application/jsonl").body,
      "[[1,2]]\n");
}

TEST(NetworkTablesTest, WhatDoesNotFitSaysWhere) {
  House house(load_pairs());
  const struct {
    std::string body;
    std::string message;
  } cases[] = {
      {"", "body: expected a line with the names of the columns, got an empty file"},
      {"x0,x1\n", "body: expected at least one row, got none"},
      {"1,2\n3\n", "body:2: expected 2 fields, as in the header, got 1"},
      {"1,2,3\n", "body:1: expected 2 fields, as in the header, got 3"},
      {"1,2\n3,old\n", "body:2: column \"x1\": expected a number, got \"old\""},
      {"x0,y\n1,2\n",
       "body:1: column \"x1\": expected a number, got no such column; is \"y\" meant?"},
      {"x0,x0\n1,2\n", "body:1: column \"x0\": expected a number, got the column twice"},
      {"1,\"2\n", "body:1: field 2: expected a closing quote, got the end of the file"},
      {"1,\xFF\n", "body:1: field 2: expected UTF-8, got \"\\xff\""},
      {"1e39,2\n", "input \"x\": element 0: expected FP32, got 1e+39"},
  };
  for (const auto& c : cases) EXPECT_EQ(message_of(post_table(house, c.body)), c.message) << c.body;
}

TEST(NetworkTablesTest, EveryNumberIsOneOfTheDatatype) {
  const auto answer = [](Datatype type, const std::string& body) {
    House house(load_echo({test_spec("x", type, {-1, 2})}));
    return post_table(house, body);
  };
  EXPECT_EQ(answer(Datatype::Int64, "9007199254740991,-9007199254740991\n").body,
            "[[9007199254740991,-9007199254740991]]");
  EXPECT_EQ(message_of(answer(Datatype::Int64, "1,9007199254740993\n")),
            "input \"x\": element 1: expected an integer below 2^53 in a table, got "
            "9007199254740992; send it as JSON");
  EXPECT_EQ(message_of(answer(Datatype::Int32, "1,2.5\n")),
            "input \"x\": element 1: expected INT32, got 2.5");
  EXPECT_EQ(message_of(answer(Datatype::Uint8, "1,256\n")),
            "input \"x\": element 1: expected UINT8, got 256");
  EXPECT_EQ(answer(Datatype::Bool, "1,0\n").body, "[[true,false]]");
  EXPECT_EQ(answer(Datatype::Fp16, "0.5,2\n").body, "[[0.5,2]]");
  // What is missing is NaN, which an integer is not.
  EXPECT_EQ(answer(Datatype::Fp32, "1,\n").body, "[[1,null]]");
  EXPECT_EQ(message_of(answer(Datatype::Int32, "1,\n")),
            "input \"x\": element 1: expected INT32, got nan");
}

TEST(NetworkTablesTest, HowManyRowsIsWhatTheNetworkSays) {
  House house(load_echo({test_spec("x", Datatype::Fp32, {2, 2})}));
  EXPECT_EQ(post_table(house, "1,2\n3,4\n").body, "[[1,2],[3,4]]");
  EXPECT_EQ(post_table(house, "1,2\n").status, 400);
}

TEST(NetworkTablesTest, OtherNetworksTakeNone) {
  House three(load_three());
  House open(load_echo({test_spec("x", Datatype::Fp32, {-1, -1})}));
  House texts(load_echo({test_spec("x", Datatype::Bytes, {-1, 2})}));
  House wide(load_echo({test_spec("x", Datatype::Fp32, {-1, 10'001})}));
  House vector(load_echo({test_spec("x", Datatype::Fp32, {-1})}));
  for (House* house : {&three, &open, &texts, &wide, &vector}) {
    for (const char* path : {"/score", "/invocations"}) {
      const auto answer = post_table(*house, "1,2\n", "text/csv", "", path);
      EXPECT_EQ(answer.status, 415) << path;
      EXPECT_NE(answer.body.find(R"(Content-Type \"text/csv\": expected application/json)"),
                std::string::npos)
          << answer.body;
    }
  }
  House pairs(load_pairs());
  EXPECT_NE(post_table(pairs, "x", "image/png")
                .body.find("expected application/json, text/csv or application/jsonlines"),
            std::string::npos);
}

// What a table makes the server hold is bounded by what was sent.
TEST(NetworkTablesTest, LargeFieldsAndManyRowsAreTakenOrRefused) {
  House house(load_pairs());
  EXPECT_EQ(post_table(house, std::string(900'000, '1') + ",2\n").status, 400);
  EXPECT_EQ(post_table(house, "\"" + std::string(900'000, '"') + "\",2\n").status, 400);
  EXPECT_EQ(post_table(house, std::string(900'000, ',') + "\n").status, 429);
  EXPECT_EQ(post_table(house, std::string(90'000, ',') + "\n").status, 400);
  EXPECT_EQ(post_table(house, "0." + std::string(900'000, '0') + "1,2\n").status, 400);
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "1,2\n";
  const auto answer = post_table(house, many);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), 200'000U * 6 + 1);
}

}  // namespace
}  // namespace front
