#include "front/front.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <malloc.h>

#include <gtest/gtest.h>

#include "front/test_allocations.h"
#include "front/test_house.h"
#include "net/client.h"
#include "net/server.h"

// Counts what is allocated, for the tests that little or nothing is.
namespace {
std::atomic<std::size_t> allocations = 0;
std::atomic<std::size_t> live = 0;
std::atomic<std::size_t> most = 0;
}  // namespace

namespace front::testing {

std::size_t live_bytes() { return live; }

AllocationPeak::AllocationPeak() : before_(live) { most = before_; }
std::size_t AllocationPeak::bytes() const { return most - before_; }

}  // namespace front::testing

#if defined(SOOTH_COUNTS_ALLOCATIONS)
__attribute__((noinline)) void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t now = live += ::malloc_usable_size(memory);
  std::size_t before = most;
  while (now > before && !most.compare_exchange_weak(before, now)) {
  }
  return memory;
}
__attribute__((noinline)) void operator delete(void* memory) noexcept {
  live -= ::malloc_usable_size(memory);
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
#endif

namespace front {
namespace {

using std::chrono::steady_clock;

const std::string kFaq = SOOTH_SOURCE_DIR "/demos/faq";
const std::string kModels = SOOTH_SOURCE_DIR "/tests/scenario/data/";

using testing::FakeExchange;
using testing::House;

// As a browser asks.
std::string html(House& house, const std::string& path) {
  return house.ask(net::Method::Get, path, "", {{"Accept", "text/html"}}).body;
}

TEST(FrontTest, AnswersAMatchWithRankedRows) {
  House house(kFaq);
  const auto answer = house.post("/score", R"({"input": "how to clone an object", "top_k": 2})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with("[[1056,5056,0.85")) << answer.body;
}

TEST(FrontTest, TheSameEndpointByItsName) {
  House house(kFaq);
  const std::string body = R"({"input": "how to clone an object", "top_k": 2})";
  const std::string expected = house.post("/score", body).body;
  EXPECT_EQ(house.post("/endpoints/faq/score", body).body, expected);
  EXPECT_EQ(house.post("/api/v1/service/faq/score", body).body, expected);
  EXPECT_EQ(house.post("/endpoints/other/score", body).status, 404);
}

TEST(FrontTest, AnswersSeveralQuestionsOverOip) {
  House house(kFaq);
  const auto answer =
      house.post("/v2/models/faq/infer",
                 R"({"id":"7","inputs":[{"name":"input","shape":[2,1],"datatype":"BYTES",)"
                 R"("data":[["how to clone an object"],["cors error"]]}],)"
                 R"("outputs":[{"name":"answer_id"}],"parameters":{"top_k":1}})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"model_name":"faq","id":"7","outputs":[{"name":"answer_id","shape":[2,1],)"
            R"("datatype":"INT64","data":[5056,5118]}]})");
}

TEST(FrontTest, ScoresRowsByNameAndByPosition) {
  House house(kModels + "passengers.joblib");
  const auto named = house.post(
      "/score",
      R"({"data":[{"age":30,"fare":50,"port":"Oslo"},{"age":null,"fare":5,"port":"Bern"}]})");
  EXPECT_EQ(named.status, 200);
  EXPECT_EQ(named.body, "[1,0]");
  const auto placed = house.post(
      "/score", R"({"data":[["Oslo",50,30],["Bern",5,null]],"columns":["port","fare","age"]})");
  EXPECT_EQ(placed.body, "[1,0]");
  const auto proba = house.post(
      "/score", R"({"data":[{"age":30,"fare":50,"port":"Oslo"}],"method":"predict_proba"})");
  EXPECT_TRUE(proba.body.starts_with("[[0.") && proba.body.ends_with("]]")) << proba.body;
}

TEST(FrontTest, ScoresTensorsOneForEachColumn) {
  House house(kModels + "passengers.joblib");
  const auto answer =
      house.post("/v2/models/passengers/infer",
                 R"({"inputs":[{"name":"age","shape":[2],"datatype":"FP64","data":[30,null]},)"
                 R"({"name":"fare","shape":[2,1],"datatype":"FP32","data":[[50],[5]]},)"
                 R"({"name":"port","shape":[2],"datatype":"BYTES","data":["Oslo","Bern"]}],)"
                 R"("outputs":[{"name":"predict"}]})");
  EXPECT_EQ(answer.body, R"({"model_name":"passengers","outputs":[{"name":"predict",)"
                         R"("shape":[2],"datatype":"INT64","data":[1,0]}]})");
}

TEST(FrontTest, ScoresOneTensorOfNumbers) {
  House house(kModels + "flowers.joblib");
  const auto answer = house.post(
      "/v2/models/flowers/infer",
      R"({"inputs":[{"name":"x","shape":[2,4],"datatype":"FP64",)"
      R"("data":[[5.0,3.4,1.5,0.2],[6.6,3.0,5.6,2.0]]}],"outputs":[{"name":"predict"}]})");
  EXPECT_EQ(answer.body, R"({"model_name":"flowers","outputs":[{"name":"predict",)"
                         R"("shape":[2],"datatype":"BYTES","data":["low","tall"]}]})");
}

TEST(FrontTest, BadRowsAreNamedInTheProtocolsOwnForm) {
  House house(kModels + "passengers.joblib");
  const struct {
    const char* path;
    const char* body;
    const char* answer;
  } cases[] = {
      {"/score", R"({"data":[{"age":30,"fare":"x","port":"Oslo"}]})",
       R"({"message":"row 0, column \"fare\": expected a number, got \"x\""})"},
      {"/score", R"({"data":[{"age":30,"fare":1,"port":7}]})",
       R"({"message":"row 0, column \"port\": expected a text, got 7"})"},
      {"/score", R"({"data":[{"age":30,"fare":1}]})",
       R"({"message":"row 0, column \"port\": expected a text, got no such column"})"},
      {"/score", R"({"data":[]})",
       R"({"message":"\"data\": expected at least one row, got none"})"},
      {"/score", R"({"data":[[1,2]],"columns":["age","fare"]})",
       R"({"message":"\"columns\": column \"port\": expected it, got none"})"},
      {"/score", R"({"data":[{"age":30,"fare":1,"port":"Oslo"}],"method":"transform"})",
       R"({"message":"\"method\": expected predict or predict_proba or decision_function or predict_log_proba, got \"transform\""})"},
      {"/v2/models/passengers/infer",
       R"({"inputs":[{"name":"age","shape":[1],"datatype":"BYTES","data":["x"]}]})",
       R"({"error":"input \"age\": expected a datatype of numbers, got BYTES"})"},
      {"/v2/models/passengers/infer",
       R"({"inputs":[{"name":"age","shape":[2],"datatype":"FP64","data":[1]}]})",
       R"({"error":"input \"age\": \"data\": expected 2 elements as \"shape\" says, got 1"})"},
      {"/v2/models/passengers/infer",
       R"({"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[1]}]})",
       R"({"error":"input \"fare\": expected this column, got none"})"},
  };
  for (const auto& c : cases) {
    const auto answer = house.post(c.path, c.body);
    EXPECT_EQ(answer.status, 400) << c.body;
    EXPECT_EQ(answer.body, c.answer);
  }
  // Nothing is left of them: the next request is served.
  EXPECT_EQ(house.post("/score", R"({"data":[{"age":30,"fare":50,"port":"Oslo"}]})").body, "[1]");
}

TEST(FrontTest, SaysHowItIs) {
  House house(kFaq);
  EXPECT_EQ(house.get("/healthz").body, R"({"live":true})");
  EXPECT_EQ(house.get("/readyz").status, 200);
  EXPECT_EQ(house.get("/v2/models/faq/ready").body, R"({"name":"faq","ready":true})");
  EXPECT_NE(html(house, "/").find("Your question"), std::string::npos);
  EXPECT_EQ(house.get("/score").status, 405);
  EXPECT_EQ(house.post("/metrics", "").status, 405);
  EXPECT_EQ(house.get("/v2/models/faq/versions/2").status, 404);
  house.front().drain();
  EXPECT_EQ(house.get("/readyz").status, 503);
  EXPECT_EQ(house.get("/healthz").status, 200);
}

TEST(FrontTest, CountsRequestsAndErrors) {
  House house(kFaq);
  house.post("/score", R"({"input": "a question"})");
  house.post("/score", "nope");
  const std::string metrics = house.get("/metrics").body;
  for (const char* line : {"sooth_requests_total{code=\"200\",endpoint=\"faq\"} 1",
                           "sooth_requests_total{code=\"400\",endpoint=\"faq\"} 1",
                           "sooth_errors_total{endpoint=\"faq\",kind=\"invalid\"} 1",
                           "sooth_request_seconds_count{endpoint=\"faq\"} 2"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line << "\n" << metrics;
  }
}

TEST(FrontTest, ThePageOfAHostileTextClosesNothing) {
  House house(kFaq);
  const std::string page = html(house, "/");
  EXPECT_EQ(page.find("</script>"), page.rfind("</script>"));
}

// The scoring path: from the bytes of the body to the bytes of the answer.
TEST(FrontTest, AWarmRequestAllocatesNothing) {
#if !defined(SOOTH_COUNTS_ALLOCATIONS)
  GTEST_SKIP() << "a sanitizer counts allocations itself";
#endif
  const struct {
    std::string model;
    std::string body;
  } cases[] = {
      {kFaq, R"({"input": "how to clone an object and all that is in it?"})"},
      {kFaq + "/similarity", R"({"input": "how to clone an object and all that is in it?"})"},
      {kModels + "passengers.joblib", R"({"data":[{"age":30,"fare":50,"port":"Oslo"}]})"},
      {kModels + "forest.joblib", R"({"data":[[5,3,1,0.2]]})"},
      {kModels + "topics.pkl", R"({"data":[{"text":"please refund the order"}]})"},
  };
  for (const auto& c : cases) {
    House house(c.model);
    FakeExchange exchange(net::Method::Post, "/score", c.body);
    const auto once = [&] {
      exchange.response().clear();
      house.front().handle(exchange);
    };
    for (int i = 0; i < 3; ++i) once();
    ASSERT_EQ(exchange.response().status(), 200) << exchange.response().body();
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) once();
    EXPECT_EQ(allocations - before, 0U) << c.model;
  }
}

TEST(FrontTest, HeavyWorkGoesThroughThePoolAndIsAnswered) {
  House house(kFaq, 0);
  auto server = net::Server::listen({.port = 0, .threads = 2}, house.front());
  ASSERT_TRUE(server.ok()) << server.error().message();
  for (int i = 0; i < 20; ++i) {
    const auto answer = net::fetch({.port = (*server)->port(),
                                    .method = "POST",
                                    .target = "/score",
                                    .body = R"({"input": "how to clone an object", "top_k": 1})"},
                                   steady_clock::now() + std::chrono::seconds(30));
    ASSERT_TRUE(answer.ok()) << answer.error().message();
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_TRUE((*server)->stop(steady_clock::now() + std::chrono::seconds(30)));
}

TEST(FrontTest, TooLargeABodyIsRefusedInTheProtocolsForm) {
  House house(kFaq);
  auto server = net::Server::listen({.port = 0, .threads = 1}, house.front());
  ASSERT_TRUE(server.ok());
  const auto answer = net::fetch({.port = (*server)->port(),
                                  .method = "POST",
                                  .target = "/score",
                                  .body = std::string(2 << 20, 'x')},
                                 steady_clock::now() + std::chrono::seconds(30));
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(answer->body.starts_with("{\"message\":")) << answer->body;
}

}  // namespace
}  // namespace front
