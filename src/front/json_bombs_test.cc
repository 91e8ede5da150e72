// Bodies made to be expensive, in every form that comes as JSON: each is answered with 400 or
// scored, in memory that its size bounds, and leaves nothing behind.
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "contract/json_body.h"
#include "front/test_allocations.h"
#include "front/test_house.h"

namespace front {
namespace {

using testing::House;

const std::string kBombedModel = SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib";
constexpr std::size_t kLarge = 1'000'000;

const std::vector<std::string>& paths_of_json() {
  static const std::vector<std::string> paths = {"/score",
                                                 "/invocations",
                                                 "/v2/models/passengers/infer",
                                                 "/v1/models/passengers:predict",
                                                 "/v1/models/passengers:classify",
                                                 "/v1/models/passengers:regress"};
  return paths;
}

// The first key of each form, with rows in it.
const std::vector<std::string>& keys_of_rows() {
  static const std::vector<std::string> keys = {"data",   "dataframe_records", "inputs",
                                                "inputs", "instances",         "examples"};
  return keys;
}

std::string repeated(const std::string& text, std::size_t bytes) {
  std::string all;
  all.reserve(bytes + text.size());
  while (all.size() < bytes) all += text;
  return all;
}

TEST(JsonBombsTest, NestingIsRefusedWithItsPlaceInEachForm) {
  House house(kBombedModel);
  for (const std::string& path : paths_of_json()) {
    if (path.ends_with(":regress")) continue;  // It does not get as far with this model.
    for (const std::string& before : {std::string(), std::string(R"({"x": )")}) {
      for (const char* const opening : {"[", R"({"a":)"}) {
        const auto answer = house.post(path, before + repeated(opening, kLarge));
        EXPECT_EQ(answer.status, 400) << path;
        EXPECT_NE(answer.body.find("body: expected JSON of at most 64 levels, got more at byte "),
                  std::string::npos)
            << path << answer.body;
      }
    }
    // In a column that nothing reads, or behind all that is wanted.
    const auto behind =
        house.post(path, R"({"z": )" + std::string(64, '[') + std::string(64, ']') + "}");
    EXPECT_NE(behind.body.find(" at byte 69"), std::string::npos) << behind.body;
  }
}

TEST(JsonBombsTest, AsDeepAsMayBeIsReadOn) {
  House house(kBombedModel);
  const auto answer =
      house.post("/score", R"({"x": )" + std::string(63, '[') + std::string(63, ']') + "}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("unknown key"), std::string::npos) << answer.body;
}

TEST(JsonBombsTest, TheBoundIsAnOption) {
  Front::Options options;
  options.bodies.json_depth_max = 8;
  House house(kBombedModel, 1e12, std::move(options));
  const auto answer = house.post("/score", std::string(9, '['));
  EXPECT_EQ(answer.body,
            R"({"message":"body: expected JSON of at most 8 levels, got more at byte 8"})");
}

TEST(JsonBombsTest, EachLineOfATableOfJsonIsBoundedByItself) {
  House house(kBombedModel);
  const std::string row = "[41, 32.5, \"Rome\"]\n";
  for (const std::string path : {"/score", "/invocations"}) {
    const auto good = house.ask(net::Method::Post, path, repeated(row, 10'000),
                                {{"Content-Type", "application/jsonlines"}});
    EXPECT_EQ(good.status, 200) << good.body;
    const auto deep = house.ask(net::Method::Post, path, row + std::string(65, '[') + "\n" + row,
                                {{"Content-Type", "application/jsonlines"}});
    EXPECT_EQ(deep.status, 400);
    EXPECT_NE(deep.body.find("at most 64 levels, got more at byte 83"), std::string::npos)
        << deep.body;
  }
}

// Each is refused, or scored, in time that its length bounds.
TEST(JsonBombsTest, HugeBodiesOfEachKindAreAnswered) {
  House house(kBombedModel);
  for (std::size_t i = 0; i < paths_of_json().size(); ++i) {
    const std::string& path = paths_of_json()[i];
    const std::string rows = R"({")" + keys_of_rows()[i] + R"(": )";
    const std::vector<std::string> bodies = {
        // Many keys: another each, the same one, and one of the form's own.
        "{" +
            [] {
              std::string keys;
              for (int key = 0; keys.size() < kLarge; ++key)
                keys += fmt::format(R"("k{}":1,)", key);
              return keys;
            }() +
            R"("z":1})",
        "{" + repeated(R"("k":1,)", kLarge) + R"("k":1})",
        "{" + repeated(R"("parameters":{},)", kLarge) + R"("k":1})",
        rows + "[{" + repeated(R"("age":1,)", kLarge) + R"("age":1}]})",
        rows + "[{" + repeated(R"("name":"x",)", kLarge) + R"("name":"x"}]})",
        // Long texts: a key, a value, nothing but escapes.
        R"({")" + std::string(kLarge, 'k') + R"(":1})",
        rows + "\"" + std::string(kLarge, 'x') + "\"}",
        rows + "[[1,1,\"" + repeated(R"(\u0041)", kLarge) + "\"]]}",
        rows + "[[" + std::string(kLarge, '1') + ",1,\"x\"]]}",
        rows + "[[1e" + std::string(kLarge, '9') + ",1,\"x\"]]}",
        // Long arrays of nothing.
        rows + "[" + repeated("[],", kLarge) + "[]]}",
        rows + "[" + repeated("0,", kLarge) + "0]}",
        rows + "[" + repeated("{},", kLarge) + "{}]}",
        std::string(kLarge, ' '),
        std::string(kLarge, ','),
    };
    for (const std::string& body : bodies) {
      const auto begun = std::chrono::steady_clock::now();
      const auto answer = house.post(path, body);
      EXPECT_TRUE(answer.status == 400 || answer.status == 200) << path << body.substr(0, 60);
      EXPECT_LT(answer.body.size(), 4000U) << path << body.substr(0, 60);
      EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5))
          << path << body.substr(0, 60);
    }
  }
}

TEST(JsonBombsTest, AKeyThatComesTwiceIsRefused) {
  House house(kBombedModel);
  const struct {
    const char* path;
    const char* body;
  } cases[] = {
      {"/score", R"({"data": [[1,1,"x"]], "data": [[1,1,"x"]]})"},
      {"/score", R"({"data": [{"age": 1, "fare": 1, "port": "x", "age": 2}]})"},
      {"/score", R"({"input_data": [[1,1,"x"]], "input_data": [[1,1,"x"]]})"},
      {"/v1/models/passengers:predict", R"({"instances": [[1,1,"x"]], "instances": [[1,1,"x"]]})"},
      {"/v1/models/passengers:classify", R"({"examples": [[1,1,"x"]], "examples": [[1,1,"x"]]})"},
      {"/v2/models/passengers/infer", R"({"inputs": [], "inputs": []})"},
      {"/invocations", R"({"instances": [[1,1,"x"]], "instances": [[1,1,"x"]]})"},
      {"/invocations", R"({"inputs": {"age": [1], "fare": [1], "port": ["x"], "age": [2]}})"},
  };
  for (const auto& c : cases) EXPECT_EQ(house.post(c.path, c.body).status, 400) << c.body;
}

#if defined(SOOTH_COUNTS_ALLOCATIONS)

// What is allocated beside the body, which is in the connection's memory already.
TEST(JsonBombsTest, ReadingTakesAtMostSixBytesForEachOfTheBody) {
  constexpr std::size_t kBytes = 8 << 20;
  const std::string bodies[] = {"[" + repeated("0,", kBytes) + "0]",
                                "[" + repeated("[],", kBytes) + "0]",
                                "{" + repeated(R"("":0,)", kBytes) + R"("":0})",
                                "\"" + std::string(kBytes, 'x') + "\"",
                                "[" + repeated(R"("\u0041",)", kBytes) + "0]",
                                std::string(kBytes, ' ')};
  contract::JsonBody json;
  for (const std::string& text : bodies) {
    std::string body = text;
    body.append(net::kBodyPadding, '\0');
    const testing::AllocationPeak peak;
    static_cast<void>(json.open_value(std::string_view(body).substr(0, text.size())));
    EXPECT_LE(peak.bytes(), 6 * text.size() + (64 << 10)) << text.substr(0, 20);
  }
}

TEST(JsonBombsTest, WhatALargeBodyTookIsGivenBack) {
  House house(kBombedModel);
  const std::string row = R"([41, 32.5, "Rome"])";
  const std::string large = R"({"data": [)" + repeated(row + ",", kLarge * 9 / 10) + row + "]}";
  const std::string small = R"({"data": [[41, 32.5, "Rome"]]})";
  EXPECT_EQ(house.post("/score", small).status, 200);
  const std::size_t before = testing::live_bytes();
  EXPECT_EQ(house.post("/score", large).status, 200);
  EXPECT_EQ(house.post("/score", small).status, 200);
  EXPECT_LT(testing::live_bytes(), before + (24 << 20));
  const std::string huge = R"({"data": [)" + repeated(row + ",", kLarge * 105 / 100) + row + "]}";
  EXPECT_EQ(house.post("/score", huge + std::string(64, ' ')).status, 200);
  EXPECT_EQ(house.post("/score", small).status, 200);
  // Some of it is the test's own text.
  EXPECT_LT(testing::live_bytes(), before + (4 << 20));
}

#endif

}  // namespace
}  // namespace front
