// A model of pictures behind the protocols that take pictures as they are.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "front/test_pictures.h"

namespace front {
namespace {

using base::base64_encode;
using scorer::testing::green_png;
using scorer::testing::grey_png;
using scorer::testing::red_png;
using testing::expect_like;
using testing::form_part;
using testing::green_answer;
using testing::House;
using testing::kBest;
using testing::load_colours;
using testing::PictureJson;
using testing::PicturesTest;
using testing::red_answer;

TEST_F(PicturesTest, OnePictureIsAnsweredByItsList) {
  for (const char* type :
       {"image/png", "image/jpeg", "IMAGE/PNG; q=1", "image/*", "application/octet-stream"}) {
    expect_like(answer_of(post(red_png(), type)), red_answer(), type);
  }
  const std::string text = base64_encode(red_png());
  for (const std::string& input :
       {text, "\\\"" + text + "\\\"", "b'" + text + "'", "\\\"b'" + text + "'\\\"",
        "'" + text + "'", "data:image/png;base64," + text, "data:;base64," + text}) {
    expect_like(answer_of(house_.post("/score", R"({"input":")" + input + "\"}")), red_answer(),
                input);
  }
  expect_like(answer_of(house_.post("/score", R"({"top_k":1,"input":")" + text + "\"}")),
              red_answer(1), "top_k");
  expect_like(answer_of(house_.post("/score", R"({"input":")" + text + R"(","top_k":1000})")),
              red_answer(), "top_k");
}

TEST_F(PicturesTest, SeveralAreAnsweredByTheirNames) {
  const std::string red = base64_encode(red_png());
  const std::string green = base64_encode(green_png());
  const std::string named = R"({"a \"b\"":")" + red + R"(","\u00fc":")" + green + "\"}";
  const std::string within = PictureJson(named).dump();
  const std::vector<std::pair<std::string, House::Answer>> cases = {
      {"object", house_.post("/score", R"({"input":)" + named + "}")},
      {"text of JSON", house_.post("/score", R"({"input":)" + within + "}")},
      {"form", post_form(form_part("a \\\"b\\\"", red_png()) + form_part("\xc3\xbc", green_png()))},
  };
  for (const auto& [what, answer] : cases) {
    const PictureJson json = answer_of(answer);
    ASSERT_EQ(json.size(), 2U) << what;
    expect_like(json["a \"b\""], red_answer(), what);
    expect_like(json["\xc3\xbc"], green_answer(), what);
  }
  const PictureJson one =
      answer_of(house_.post("/score", R"({"input":{"x":")" + red + R"("},"top_k":2})"));
  ASSERT_EQ(one.size(), 1U);
  expect_like(one["x"], red_answer(2), "one");
  expect_like(answer_of(post_form(form_part("x", red_png())))["x"], red_answer(), "one in a form");
}

TEST_F(PicturesTest, PartsThatAreCalledAlikeAreCounted) {
  const PictureJson json =
      answer_of(post_form(form_part("image", red_png()) + form_part("image", green_png()) +
                          form_part("image-2", red_png()) + form_part("image", green_png())));
  ASSERT_EQ(json.size(), 4U);
  expect_like(json["image"], red_answer(), "first");
  expect_like(json["image-2"], green_answer(), "second");
  expect_like(json["image-2-2"], red_answer(), "one of that name");
  expect_like(json["image-3"], green_answer(), "third");
}

TEST_F(PicturesTest, OneThatIsBrokenIsNotTheOthersEnd) {
  const auto answer = post_form(form_part("a", "hello") + form_part("b", green_png()) +
                                form_part("c", "") + form_part("d", red_png()));
  const PictureJson json = answer_of(answer);
  ASSERT_EQ(json.size(), 4U);
  EXPECT_EQ(json["a"]["error"].get<std::string>().find("picture: "), 0U) << json;
  EXPECT_EQ(json["c"]["error"].get<std::string>().find("picture: "), 0U) << json;
  expect_like(json["b"], green_answer(), "b");
  expect_like(json["d"], red_answer(), "d");
  // In the next request of the same session nothing is left of it.
  expect_like(answer_of(post_form(form_part("a", red_png())))["a"], red_answer(), "a");
}

TEST_F(PicturesTest, WhereAllAreBrokenTheRequestIs) {
  const auto one = post_form(form_part("a", "hello"));
  EXPECT_EQ(one.status, 400);
  EXPECT_EQ(one.body.find(R"({"message":"picture: )"), 0U) << one.body;
  const auto two = post_form(form_part("a", "hello") + form_part("b", ""));
  EXPECT_EQ(two.status, 400);
  EXPECT_EQ(two.body.find(R"({"message":"row 1: picture: )"), 0U) << two.body;
  const auto raw = post("hello", "image/png");
  EXPECT_EQ(raw.status, 400);
  EXPECT_EQ(raw.body.find(R"({"message":"picture: )"), 0U) << raw.body;
  EXPECT_EQ(post("", "image/png").status, 400);
}

// A table has no place for errors.
TEST_F(PicturesTest, AsATableAllOrNothing) {
  const std::vector<net::Header> fields = {{"Content-Type", "multipart/form-data; boundary=xYz"},
                                           {"Accept", "text/csv"}};
  const std::string end = "--xYz--";
  const auto good =
      house_.ask(net::Method::Post, "/score",
                 form_part("a", grey_png()) + form_part("b", green_png()) + end, fields);
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.type, "text/csv; charset=utf-8");
  EXPECT_EQ(good.body.substr(0, good.body.find('\n')), "id,label,probability");
  EXPECT_NE(good.body.find("\n8,green,0.96"), std::string::npos) << good.body;
  const auto bad = house_.ask(net::Method::Post, "/score",
                              form_part("a", "hello") + form_part("b", green_png()) + end, fields);
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body.find(R"({"message":"row 0: picture: )"), 0U) << bad.body;
}

TEST_F(PicturesTest, SaysWhatWasExpected) {
  const std::string red = base64_encode(red_png());
  const struct {
    std::string body;
    const char* message;
  } cases[] = {
      {"{}", "body: expected a key \"input\", got none"},
      {R"({"input":5})", "\"input\": expected a text or an object, got another type at byte 9"},
      {R"({"input":null})", "\"input\": expected a text or an object, got another type at byte 9"},
      {R"({"input":["a"]})", "\"input\": expected a text or an object, got another type at byte 9"},
      {R"({"input":"a!"})", "\"input\": expected a picture in base64, got \"a!\""},
      {R"({"input":{}})", "\"input\": expected at least one picture, got none"},
      {R"({"input":"{}"})", "\"input\": expected at least one picture, got none"},
      {R"({"input":{"a":"!"}})", "picture \"a\": expected a picture in base64, got \"!\""},
      {R"({"input":{"a":7}})", "picture \"a\": expected a text, got another type at byte 14"},
      {R"({"input":{"a":")" + red + R"(","a":")" + red + "\"}}",
       "picture \"a\": expected it once, got it twice"},
      {R"({"input":"","input":""})", "\"input\": expected it once, got it twice"},
      {R"({"inptu":""})", "body: unknown key \"inptu\"; did you mean \"input\"?"},
      {R"({"input":")" + red + R"(","top_k":0})",
       "\"top_k\": expected an integer from 1 to 1000000000"},
      {R"({"input":")" + red + R"("} x)",
       "body: expected a JSON object, got malformed JSON at byte 0: JSON document ended early in "
       "the "
       "middle of an object or array."},
  };
  for (const auto& c : cases) EXPECT_EQ(refusal_of(c.body), c.message) << c.body;
  EXPECT_EQ(refusal_of(R"({"input":""})").find("picture: "), 0U);
  EXPECT_EQ(post("--", "multipart/form-data").body,
            R"({"message":"body: multipart/form-data: expected a boundary of 1 to 70 bytes in )"
            R"(Content-Type, got \"multipart/form-data\""})");
}

TEST_F(PicturesTest, ThereAreNotTooManyOfThem) {
  std::string parts;
  std::string named;
  std::string instances;
  for (int i = 0; i < 257; ++i) {
    const std::string name = std::to_string(i);
    parts += form_part(name, "x");
    named += (i == 0 ? "\"" : ",\"") + name + R"(":"eA==")";
    instances += (i == 0 ? R"([")" : R"(,[")") + base64_encode(red_png()) + "\"]";
  }
  EXPECT_EQ(post_form(parts).body,
            R"({"message":"body: multipart/form-data: expected at most 256 parts"})");
  EXPECT_EQ(refusal_of(R"({"input":{)" + named + "}}"), "expected at most 256 pictures");
  const auto many =
      house_.post("/v1/models/colours:predict", R"({"instances":[)" + instances + "]}");
  EXPECT_EQ(many.status, 400);
  EXPECT_EQ(many.body, R"({"error":"expected at most 256 pictures, got 257"})");
}

TEST_F(PicturesTest, TypesThatAreTaken) {
  const auto refused = post(red_png(), "video/mp4");
  EXPECT_EQ(refused.status, 415);
  EXPECT_EQ(refused.body,
            R"({"message":"Content-Type \"video/mp4\": expected image/*, multipart/form-data, )"
            R"(application/octet-stream or application/json"})");
  EXPECT_EQ(post(red_png(), "image/png", "/invocations").status, 415);
  EXPECT_EQ(post(red_png(), "image/png", "/v1/models/colours:predict").status, 415);
  EXPECT_EQ(post(red_png(), "image/png", "/v2/models/colours/infer").status, 415);
  House rows(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib");
  for (const char* type :
       {"image/jpeg", "multipart/form-data; boundary=b", "application/octet-stream"}) {
    const auto other = rows.ask(net::Method::Post, "/score", red_png(), {{"Content-Type", type}});
    EXPECT_EQ(other.status, 415) << type;
    EXPECT_EQ(other.body, R"({"message":"Content-Type \")" + std::string(type) +
                              R"(\": expected application/json, text/csv or )"
                              R"(application/jsonlines"})");
  }
}

TEST_F(PicturesTest, RowsOfOneColumnInBase64) {
  const std::string red = base64_encode(red_png());
  const std::string green = base64_encode(green_png());
  const PictureJson expected = {{{"id", {7, 8, 9}}, {"label", {"red", "green", "blue"}}},
                                {{"id", {8, 7, 9}}, {"label", {"green", "red", "blue"}}}};
  const struct {
    std::string path, body, type;
  } cases[] = {
      {"/v1/models/colours:predict",
       R"({"instances":[{"b64":")" + red + R"("},{"b64":")" + green + R"("}]})", ""},
      {"/v1/models/colours:predict",
       R"({"instances":[{"image":{"b64":")" + red + R"("}},{"image":")" + green + R"("}]})", ""},
      {"/v1/models/colours:predict", R"({"instances":[")" + red + R"(",[")" + green + R"("]]})",
       ""},
      {"/invocations",
       R"({"dataframe_records":[{"image":")" + red + R"("},{"image":")" + green + R"("}]})", ""},
      {"/invocations", R"({"inputs":{"image":[")" + red + R"(",")" + green + R"("]}})", ""},
      {"/invocations",
       R"({"dataframe_split":{"columns":["image"],"data":[[")" + red + R"("],[")" + green +
           R"("]]}})",
       ""},
      {"/invocations", "image\n" + red + "\n" + green + "\n", "text/csv"},
      {"/invocations", R"({"image":")" + red + "\"}\n[\"" + green + "\"]\n",
       "application/jsonlines"},
  };
  for (const auto& c : cases) {
    const PictureJson json = answer_of(post(c.body, c.type, c.path));
    ASSERT_TRUE(json.contains("predictions")) << c.body << json;
    ASSERT_EQ(json["predictions"].size(), 2U) << c.body << json;
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(json["predictions"][i]["id"], expected[i]["id"]) << c.body << json;
      EXPECT_EQ(json["predictions"][i]["label"], expected[i]["label"]) << c.body << json;
      EXPECT_NEAR(json["predictions"][i]["probability"][0].get<double>(), kBest, 1e-12);
    }
  }
  const auto bad = house_.post("/invocations", R"({"dataframe_records":[{"image":"!"}]})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(PictureJson::parse(bad.body)["message"],
            "row 0, column \"image\": expected a text, got a text that is no base64");
  const auto csv = post("image\n!\n", "text/csv", "/invocations");
  EXPECT_EQ(csv.status, 400);
  EXPECT_NE(csv.body.find(R"(column \"image\": expected a text, got a text that is no base64)"),
            std::string::npos)
      << csv.body;
  // Nobody said that a broken row may be left out.
  const auto second = house_.post("/v1/models/colours:predict",
                                  R"({"instances":[{"b64":")" + red + R"("},{"b64":"eA=="}]})");
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(second.body.find(R"({"error":"row 1: picture: )"), 0U) << second.body;
  EXPECT_EQ(house_.post("/v1/models/colours:predict", R"({"instances":[[null]]})").status, 400);
}

TEST_F(PicturesTest, TopKOfRows) {
  const std::string red = base64_encode(red_png());
  const PictureJson one = answer_of(house_.post(
      "/invocations", R"({"dataframe_records":[[")" + red + R"("]],"params":{"top_k":1}})"));
  EXPECT_EQ(one["predictions"][0]["label"], PictureJson({"red"}));
}

TEST_F(PicturesTest, ItsDocumentsHoldAnExampleThatItAnswers) {
  const PictureJson document = answer_of(house_.get("/openapi.json"));
  EXPECT_EQ(document["openapi"], "3.1.0");
  const PictureJson& post = document["paths"]["/score"]["post"];
  const PictureJson& request = post["requestBody"]["content"]["application/json"]["example"];
  EXPECT_EQ(request["top_k"], 3);
  const PictureJson got = answer_of(house_.post("/score", request.dump()));
  EXPECT_EQ(got.size(), 3U);
  // Which would take a network's time.
  EXPECT_FALSE(post["responses"]["200"]["content"]["application/json"].contains("example"));
  const PictureJson row = document["components"]["schemas"]["Row"];
  EXPECT_EQ(row["properties"]["image"]["contentEncoding"], "base64");
  const PictureJson swagger = answer_of(house_.get("/swagger.json"));
  EXPECT_EQ(swagger["swagger"], "2.0");
  const PictureJson& old = swagger["definitions"]["ServiceInput"]["example"];
  EXPECT_EQ(answer_of(house_.post("/score", old.dump())), got);
  EXPECT_EQ(house_.get("/").status, 200);
}

TEST_F(PicturesTest, ItsDocumentsSayHowPicturesComeAndGo) {
  const PictureJson document = answer_of(house_.get("/openapi.json"));
  const PictureJson& post = document["paths"]["/score"]["post"];
  const PictureJson& content = post["requestBody"]["content"];
  for (const char* type :
       {"application/json", "image/jpeg", "image/png", "image/webp", "multipart/form-data"}) {
    EXPECT_TRUE(content.contains(type)) << type;
  }
  const PictureJson& answer = post["responses"]["200"]["content"]["application/json"]["schema"];
  EXPECT_EQ(answer["anyOf"][1]["additionalProperties"]["anyOf"][1]["required"],
            PictureJson({"error"}));
}

// What nobody waits for is not computed to its end.
TEST_F(PicturesTest, AfterItsDeadlineNoFurtherPictureIsLookedAt) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string form = form_part("a", red_png()) + form_part("b", red_png()) + "--xYz--";
  int late = 0;
  // Whenever the time was that it took: only between the two it is looked at.
  for (int before = 1; before < 10; ++before) {
    int asked = 0;
    Front::Options options;
    options.now = [&] { return begin + std::chrono::minutes(++asked > before ? 2 : 0); };
    House slow(load_colours(), 1e12, std::move(options));
    const auto answer = slow.ask(net::Method::Post, "/score", form,
                                 {{"Content-Type", "multipart/form-data; boundary=xYz"}});
    if (answer.status == 200) continue;
    ++late;
    EXPECT_EQ(answer.status, 504) << answer.body;
    EXPECT_EQ(answer.body, R"({"message":"the deadline of the request has passed"})");
  }
  EXPECT_GT(late, 0);
}

TEST_F(PicturesTest, IsCounted) {
  ASSERT_EQ(post(red_png(), "image/png").status, 200);
  ASSERT_EQ(post("hello", "image/png").status, 400);
  ASSERT_EQ(post(red_png(), "video/mp4").status, 415);
  const auto metrics = house_.get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("colours"), std::string::npos);
}

// What comes later is not what came before, nor what others ask meanwhile.
TEST_F(PicturesTest, ThreadsAreAnsweredTheirOwn) {
  House busy(load_colours(), 0);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&busy, &answered, t] {
      for (int i = 0; i < 25; ++i) {
        const bool red = (i + t) % 2 == 0;
        const auto ask = [&] {
          return busy.ask(net::Method::Post, "/score", red ? red_png() : green_png(),
                          {{"Content-Type", "image/png"}});
        };
        auto answer = ask();
        // One worker has much to do on a slow machine; whoever comes again is answered.
        while (answer.status == 429) answer = ask();
        ASSERT_EQ(answer.status, 200) << answer.body;
        ++answered;
        EXPECT_EQ(PictureJson::parse(answer.body)[0][1], red ? "red" : "green");
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(answered, 100);
}

// A body that is larger than what sessions keep.
TEST_F(PicturesTest, LargeOnesLeaveNothingBehind) {
  // Behind its last chunk anything may stand.
  const std::string large = base64_encode(red_png() + std::string(700'000, '\0'));
  expect_like(answer_of(house_.post("/score", R"({"input":")" + large + "\"}")), red_answer(), "");
  const auto broken = house_.post("/score", R"({"input":")" + large.substr(4) + "\"}");
  EXPECT_EQ(broken.status, 400);
  EXPECT_LT(broken.body.size(), 200U);
  expect_like(answer_of(post(green_png(), "image/png")), green_answer(), "after");
}

}  // namespace
}  // namespace front
