// Loading and unloading on request, over REST and gRPC.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <nlohmann/json.hpp>

#include "front/test_house.h"
#include "serve/test_source.h"

namespace front {
namespace {

using testing::FakeExchange;
using testing::House;

const std::string kManaged = SOOTH_SOURCE_DIR "/tests/scenario/data/flowers.joblib";
const std::string kFlower = R"({"data":[[5.0,3.4,1.5,0.2]],"method":"predict_proba"})";
const std::string kRepository = "/v2/repository/models/";

class ManageTest : public ::testing::Test {
 protected:
  std::string index(const std::string& body = "") {
    return house_.post("/v2/repository/index", body).body;
  }

  serve::TestSource source_;
  House house_{kManaged, 1e12, {}, &source_};
};

TEST_F(ManageTest, LoadsAndUnloads) {
  EXPECT_EQ(house_.post(kRepository + "faq/load", "").body,
            R"({"name":"faq","version":"2","load":true})");
  EXPECT_EQ(house_.post("/endpoints/faq/score", kFlower).status, 200);
  EXPECT_EQ(house_.get("/v2/models/faq/ready").body, R"({"name":"faq","ready":true})");
  EXPECT_EQ(
      house_.post(kRepository + "faq/unload", R"({"parameters":{"unload_dependents":true}})").body,
      R"({"name":"faq","version":"2","unload":true})");
  EXPECT_EQ(house_.post("/endpoints/faq/score", kFlower).status, 404);
  EXPECT_EQ(house_.get("/v2/models/faq/ready").status, 404);
  EXPECT_EQ(house_.metrics().text().find("endpoint=\"faq\""), std::string::npos);
  EXPECT_EQ(house_.post(kRepository + "faq/unload", "").status, 404);
}

TEST_F(ManageTest, TheDocumentsSayHowModelsAreLoaded) {
  using ManagedJson = nlohmann::json;
  const ManagedJson paths = ManagedJson::parse(house_.get("/openapi.json").body)["paths"];
  for (const char* path : {"/v2/repository/index", "/v2/repository/models/{model}/load",
                           "/v2/repository/models/{model}/unload"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
  // Where they are not, it says so.
  House fixed(kManaged);
  const ManagedJson others = ManagedJson::parse(fixed.get("/openapi.json").body)["paths"];
  EXPECT_TRUE(others.contains("/v2/repository/index"));
  EXPECT_FALSE(others.contains("/v2/repository/models/{model}/load"));
}

// Where no key is asked for, a browser on the same machine would send what any page tells it to.
TEST_F(ManageTest, AWebPageLoadsNothingWithoutAKey) {
  for (const char* origin : {"https://elsewhere.example", "null", ""}) {
    for (const char* what : {"faq/load", "flowers/unload"}) {
      const auto answer =
          house_.ask(net::Method::Post, kRepository + what, "", {{"origin", origin}});
      EXPECT_EQ(answer.status, 403) << origin << what;
    }
  }
  EXPECT_TRUE(source_.asked.empty());
  EXPECT_EQ(house_.ask(net::Method::Post, "/score", kFlower, {{"origin", "null"}}).status, 200);
}

TEST_F(ManageTest, LoadsTheVersionThatIsAskedFor) {
  EXPECT_EQ(house_.post(kRepository + "faq/load", "").status, 200);
  EXPECT_EQ(source_.asked.back(), "faq");
  const std::string body = R"({"parameters":{"alias":"champion"}})";
  EXPECT_EQ(house_.post(kRepository + "faq/load", body).status, 200);
  EXPECT_EQ(source_.asked.back(), "faq@champion");
}

TEST_F(ManageTest, RefusesWhatIsNoReference) {
  const auto answer = house_.post(kRepository + "faq/load", R"({"parameters":{"versoin":"3"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"error":"parameter \"versoin\": expected \"version\" or \"alias\""})");
  for (const char* name : {"FAQ", "faq:3", "..", "faq@a"}) {
    EXPECT_EQ(house_.post(kRepository + name + "/load", "").status, 400) << name;
    EXPECT_EQ(house_.post(kRepository + name + "/unload", "").status, 400) << name;
  }
  EXPECT_TRUE(source_.asked.empty());
}

TEST_F(ManageTest, TheIndexSaysWhatBecameOfThem) {
  ASSERT_EQ(house_.post(kRepository + "faq/load", "").status, 200);
  source_.fails.emplace("faq", base::Error(base::Code::Corrupt, "golden row 3 differs"));
  source_.fails.emplace("broken", base::Error(base::Code::Invalid, "no \"model\""));
  EXPECT_EQ(house_.post(kRepository + "faq/load", "").status, 500);
  EXPECT_EQ(house_.post(kRepository + "broken/load", "").status, 400);
  ASSERT_EQ(house_.post(kRepository + "flowers/unload", "").status, 200);
  EXPECT_EQ(index(),
            R"([{"name":"broken","version":"","state":"UNAVAILABLE","reason":"no \"model\""},)"
            R"({"name":"faq","version":"2","state":"READY","reason":"golden row 3 differs"},)"
            R"({"name":"flowers","version":"","state":"UNAVAILABLE","reason":"unloaded"}])");
  EXPECT_EQ(index(R"({"ready":true})"),
            R"([{"name":"faq","version":"2","state":"READY","reason":"golden row 3 differs"}])");
}

TEST_F(ManageTest, WhatIsBeingLoadedIsNotReadyYet) {
  std::promise<void> begun;
  std::promise<void> go_on;
  source_.on_load = [&] {
    begun.set_value();
    go_on.get_future().wait();
  };
  std::jthread loading([&] { house_.post(kRepository + "faq/load", ""); });
  begun.get_future().wait();
  EXPECT_EQ(house_.get("/v2/models/faq/ready").status, 503);
  EXPECT_EQ(house_.post("/endpoints/faq/score", kFlower).body,
            R"({"message":"endpoint \"faq\": it is being loaded"})");
  EXPECT_EQ(index(), R"([{"name":"faq","version":"","state":"LOADING","reason":""},)"
                     R"({"name":"flowers","version":"1","state":"READY","reason":""}])");
  go_on.set_value();
}

TEST_F(ManageTest, AServerThatStopsLoadsNoMore) {
  house_.loader().stop();
  const auto answer = house_.post(kRepository + "faq/load", "");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
}

TEST(ManageOffTest, OnlyAServerThatWasToldSoLoads) {
  House house(kManaged);
  const auto answer = house.post(kRepository + "faq/load", "");
  EXPECT_EQ(answer.status, 501);
  EXPECT_EQ(answer.body, R"({"error":"this server loads no models: start it with --allow-load"})");
  EXPECT_EQ(house.post(kRepository + "flowers/unload", "").status, 501);
  EXPECT_EQ(house.get("/v2/models/flowers/ready").status, 200);
}

// One message of a call; the status of gRPC.
template <typename Request, typename Answer>
int manage_call(House& house, const std::string& method, const Request& request, Answer& answer,
                const std::vector<net::Header>& headers = {}) {
  std::vector<net::Header> all = {{"content-type", "application/grpc"}};
  all.insert(all.end(), headers.begin(), headers.end());
  FakeExchange exchange(net::Method::Post, "/inference.GRPCInferenceService/" + method,
                        request.SerializeAsString(), all);
  net::Response refusal;
  if (!house.front().admit(exchange.head(), refusal).accepted()) return -1;
  house.front().handle(exchange);
  exchange.wait();
  EXPECT_TRUE(answer.ParseFromString(exchange.response().body()));
  return exchange.response().grpc_status();
}

TEST_F(ManageTest, ClientsOfTritonAndOfKServeLoadByGrpc) {
  inference::RepositoryModelLoadRequest triton;
  triton.set_model_name("faq");
  (*triton.mutable_parameters())["version"].set_string_param("3");
  inference::RepositoryModelLoadResponse loaded;
  ASSERT_EQ(manage_call(house_, "RepositoryModelLoad", triton, loaded), 0);
  EXPECT_EQ(loaded.model_name(), "faq");
  EXPECT_TRUE(loaded.isloaded());
  EXPECT_EQ(source_.asked.back(), "faq:3");

  inference::RepositoryModelLoadRequest kserve;
  kserve.set_repository_name("other");  // Its first field is the model's name.
  ASSERT_EQ(manage_call(house_, "RepositoryModelLoad", kserve, loaded), 0);
  EXPECT_EQ(loaded.model_name(), "other");

  (*triton.mutable_parameters())["file:1/model.onnx"].set_bytes_param("bytes");
  EXPECT_EQ(manage_call(house_, "RepositoryModelLoad", triton, loaded), 3);

  inference::RepositoryModelUnloadRequest unload;
  unload.set_model_name("other");
  inference::RepositoryModelUnloadResponse unloaded;
  ASSERT_EQ(manage_call(house_, "RepositoryModelUnload", unload, unloaded), 0);
  EXPECT_TRUE(unloaded.isunloaded());
  EXPECT_EQ(manage_call(house_, "RepositoryModelUnload", unload, unloaded), 5);

  inference::RepositoryIndexRequest asked;
  asked.set_ready(true);
  inference::RepositoryIndexResponse index;
  ASSERT_EQ(manage_call(house_, "RepositoryIndex", asked, index), 0);
  ASSERT_EQ(index.models_size(), 2);
  EXPECT_EQ(index.models(0).name(), "faq");
  EXPECT_EQ(index.models(0).state(), "READY");
}

TEST_F(ManageTest, ACallWithoutAModelIsRefused) {
  inference::RepositoryModelUnloadResponse unloaded;
  EXPECT_EQ(manage_call(house_, "RepositoryModelUnload", inference::RepositoryModelUnloadRequest(),
                        unloaded),
            3);
  EXPECT_NE(house_.endpoints().find("flowers"), nullptr);
}

// What a client knows of what serves, before it asks and after it was answered: an exchange is
// begun, or was acknowledged.
class Swaps {
 public:
  void begin(int version) { begun_.store(version); }
  void acknowledge(int version) { done_.store(version); }
  int begun() const { return begun_.load(); }
  int acknowledged() const { return done_.load(); }

 private:
  std::atomic<int> begun_ = 1;
  std::atomic<int> done_ = 1;
};

TEST_F(ManageTest, NoRequestFailsOrMeetsAnOldVersionWhileModelsAreExchanged) {
  constexpr int kSwaps = 500;
  ASSERT_EQ(house_.post(kRepository + "faq/load", "").status, 200);
  std::vector<std::string> answers(2);
  answers[0] = house_.post("/endpoints/faq/score", kFlower).body;
  ASSERT_EQ(house_.post(kRepository + "faq/load", "").status, 200);
  answers[1] = house_.post("/endpoints/faq/score", kFlower).body;
  ASSERT_NE(answers[0], answers[1]);

  Swaps swaps;
  swaps.begin(3);
  swaps.acknowledge(3);
  std::atomic<bool> over = false;
  std::atomic<int> asked = 0;
  std::vector<std::jthread> clients;
  for (int t = 0; t < 3; ++t) {
    clients.emplace_back([&] {
      while (!over) {
        const int least = swaps.acknowledged();
        const auto answer = house_.post("/endpoints/faq/score", kFlower);
        const int most = swaps.begun();
        ASSERT_EQ(answer.status, 200) << answer.body;
        const int version = std::stoi(answer.field("azureml-model-deployment"));
        ASSERT_GE(version, least);
        ASSERT_LE(version, most);
        ASSERT_EQ(answer.body, answers[static_cast<std::size_t>(version % 2)]) << version;
        ++asked;
      }
    });
  }
  for (int version = 4; version < 4 + kSwaps; ++version) {
    swaps.begin(version);
    EXPECT_EQ(house_.post(kRepository + "faq/load", "").status, 200);
    swaps.acknowledge(version);
  }
  over = true;
  clients.clear();
  EXPECT_GT(asked, 0);
}

}  // namespace
}  // namespace front
