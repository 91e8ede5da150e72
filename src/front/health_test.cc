// gRPC's own health service: what it says to whom, and what a client that watches sees of a server
// that loads, unloads and stops.
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <health.pb.h>

#include "auth/keys.h"
#include "auth/test_time.h"
#include "front/test_house.h"
#include "net/test_grpc.h"
#include "net/test_http2_client.h"
#include "net/test_peer.h"
#include "serve/test_source.h"

namespace front {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::health::v1::HealthListResponse;
using testing::FakeExchange;
using testing::House;

const std::string kHealthModel = SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib";
const std::string kHealthPath = "/grpc.health.v1.Health/";

std::string service_message(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request.SerializeAsString();
}

// The state that a call says, or the status that it ends with.
std::string asked(House& house, const std::string& method, const std::string& message,
                  std::vector<net::Header> fields = {}) {
  fields.push_back({"content-type", "application/grpc"});
  FakeExchange exchange(net::Method::Post, kHealthPath + method, message, std::move(fields));
  net::Response refusal;
  const net::Admission admission = house.front().admit(exchange.head(), refusal);
  if (!admission.accepted()) return refusal.header_block();
  EXPECT_TRUE(admission.only_one());
  EXPECT_EQ(admission.followed(), method == "Watch");
  house.front().handle(exchange);
  EXPECT_EQ(exchange.finished, 1);
  const net::Response& response = exchange.response();
  if (response.grpc_status() != 0) {
    return std::to_string(response.grpc_status()) + " " + response.grpc_message();
  }
  if (method == "List") {
    HealthListResponse list;
    EXPECT_TRUE(list.ParseFromString(response.body()));
    std::map<std::string, int> sorted;
    for (const auto& [name, state] : list.statuses()) sorted[name] = state.status();
    std::string text;
    for (const auto& [name, state] : sorted) text += name + "=" + std::to_string(state) + " ";
    return text;
  }
  HealthCheckResponse answer;
  EXPECT_TRUE(answer.ParseFromString(response.body()));
  return std::to_string(answer.status());
}

constexpr int kServing = HealthCheckResponse::SERVING;
const std::string kServices =
    "=1 grpc.health.v1.Health=1 grpc.reflection.v1.ServerReflection=1 "
    "inference.GRPCInferenceService=1 ";
const std::string kTensorFlow =
    "tensorflow.serving.ModelService=1 tensorflow.serving.PredictionService=1 ";

TEST(HealthTest, SaysTheStateOfServerServicesAndEndpoints) {
  House house(kHealthModel);
  for (const char* name : {"", "inference.GRPCInferenceService", "grpc.health.v1.Health",
                           "tensorflow.serving.PredictionService", "passengers"}) {
    for (const char* method : {"Check", "Watch"}) {
      EXPECT_EQ(asked(house, method, service_message(name)), "1") << method << name;
    }
  }
  EXPECT_EQ(asked(house, "Check", service_message("nobody")),
            "5 service \"nobody\": there is none of this name");
  EXPECT_EQ(asked(house, "Watch", service_message("nobody")), "3");
  EXPECT_EQ(asked(house, "List", ""), kServices + "passengers=1 " + kTensorFlow);
}

TEST(HealthTest, ADrainingServerDoesNotServe) {
  House house(kHealthModel);
  const std::uint64_t before = house.front().revision();
  house.front().drain();
  EXPECT_NE(house.front().revision(), before);
  for (const char* method : {"Check", "Watch"}) {
    for (const char* name : {"", "passengers", "inference.GRPCInferenceService"}) {
      EXPECT_EQ(asked(house, method, service_message(name)), "2") << method << name;
    }
  }
  EXPECT_EQ(asked(house, "List", "").substr(0, 3), "=2 ");
}

TEST(HealthTest, RefusesWhatIsNoMessageOfIt) {
  House house(kHealthModel);
  for (const char* method : {"Check", "List", "Watch"}) {
    for (const std::string message : {"\x0a\x7Fx", "\xFF\xFF", "\x0a"}) {
      EXPECT_EQ(asked(house, method, message).substr(0, 2), "3 ") << method;
    }
  }
  // A name that is no text.
  EXPECT_EQ(asked(house, "Watch", "\x0a\x02\xC3\x28").substr(0, 2), "3 ");
  EXPECT_EQ(asked(house, "Watch", "", {{"grpc-timeout", "soon"}}),
            "grpc-status: 3\r\ngrpc-message: grpc-timeout: expected 1 to 8 digits and one of H, M, "
            "S, m, u and n, got \"soon\"\r\n");
}

TEST(HealthTest, ListsSoManyAndNoMore) {
  House house(kHealthModel);
  const auto deployment = house.endpoints().find("")->deployment();
  const auto add = [&](std::size_t count) {
    std::vector<std::shared_ptr<serve::Endpoint>> more;
    for (std::size_t i = 0; i < count; ++i) {
      more.push_back(
          std::make_shared<serve::Endpoint>("m" + std::to_string(i), deployment, house.metrics()));
    }
    house.endpoints().add(std::move(more));
  };
  add(Health::kListedMax - 7);
  EXPECT_EQ(asked(house, "List", "").substr(0, 3), "=1 ");
  add(Health::kListedMax - 6);
  EXPECT_EQ(asked(house, "List", ""),
            "8 services: expected at most 1000 to list, got more; ask for each by its name");
}

// Keys of which the server has made a set.
class HealthKeysTest : public ::testing::Test {
 protected:
  HealthKeysTest() {
    good_ = add("passengers", auth::Scope::Score);
    every_ = add("*", auth::Scope::Score);
    elsewhere_ = add("other", auth::Scope::Score);
    stranger_ = add("*", auth::Scope::Score);
    records_.pop_back();
    keys_ = std::make_unique<Guard::Keys>(
        std::make_shared<const auth::KeySet>(*auth::KeySet::make(records_)));
    house_ = std::make_unique<House>(
        kHealthModel, 1e12,
        FrontOptions{.keys = keys_.get(), .wall_now = [] { return auth::kNow; }});
  }
  std::string add(std::string endpoint, auth::Scope scope) {
    auto minted = auth::mint({.client = "shop",
                              .endpoint = std::move(endpoint),
                              .scope = {scope},
                              .created = auth::kNow - std::chrono::hours(1),
                              .expires = std::nullopt},
                             auth::system_random);
    EXPECT_TRUE(minted.ok());
    records_.push_back(minted->record);
    return minted->text.reveal();
  }
  std::string asked_with(const std::string& key, const std::string& method,
                         const std::string& name) {
    const std::string message = method == "List" ? "" : service_message(name);
    return key.empty() ? asked(*house_, method, message)
                       : asked(*house_, method, message, {{"x-api-key", key}});
  }

  std::string good_, every_, elsewhere_, stranger_;
  std::vector<auth::KeyRecord> records_;
  std::unique_ptr<Guard::Keys> keys_;
  std::unique_ptr<House> house_;
};

TEST_F(HealthKeysTest, OfEndpointsHearsOnlyWhoMayScoreWithThem) {
  for (const std::string& key : {std::string(), good_, every_, elsewhere_, stranger_}) {
    for (const char* method : {"Check", "Watch"}) {
      EXPECT_EQ(asked_with(key, method, ""), "1");
      EXPECT_EQ(asked_with(key, method, "inference.GRPCInferenceService"), "1");
    }
  }
  // Whether it is there or not is the same to who may not know.
  for (const char* name : {"passengers", "nobody"}) {
    EXPECT_EQ(asked_with("", "Watch", name), "3");
    EXPECT_EQ(asked_with("", "Check", name).substr(0, 2), "5 ");
    for (const char* method : {"Check", "Watch"}) {
      EXPECT_EQ(asked_with(elsewhere_, method, name).substr(0, 2), "7 ");
      EXPECT_EQ(asked_with(stranger_, method, name).substr(0, 3), "16 ");
    }
  }
  for (const std::string& key : {good_, every_}) {
    EXPECT_EQ(asked_with(key, "Check", "passengers"), "1");
    EXPECT_EQ(asked_with(key, "Watch", "passengers"), "1");
  }
  EXPECT_EQ(asked_with(every_, "Watch", "nobody"), "3");
}

TEST_F(HealthKeysTest, ListsEndpointsForWhoMayScoreWithAll) {
  for (const std::string& key : {std::string(), good_, elsewhere_}) {
    EXPECT_EQ(asked_with(key, "List", ""), kServices + kTensorFlow);
  }
  EXPECT_EQ(asked_with(every_, "List", ""), kServices + "passengers=1 " + kTensorFlow);
  EXPECT_EQ(asked_with(stranger_, "List", "").substr(0, 3), "16 ");
}

// Probes without a credential hold nobody up, whatever they ask.
TEST_F(HealthKeysTest, AskingWithoutAKeyIsNothingToHoldAgainstASource) {
  for (int i = 0; i < 200; ++i) asked_with("", "Check", "passengers");
  EXPECT_EQ(asked_with(good_, "Check", "passengers"), "1");
  EXPECT_EQ(house_->metrics().text().find("sooth_keys_refused_total{reason=\"missing\"} 0") !=
                std::string::npos,
            true);
}

// A server with a client that watches.
class HealthWatchTest : public ::testing::Test {
 protected:
  static net::Limits quick() {
    net::Limits limits;
    limits.rate_grace = std::chrono::milliseconds(200);
    return limits;
  }
  std::int32_t watch(const std::string& service) {
    return client_.send({.method = "POST",
                         .path = kHealthPath + "Watch",
                         .fields = {{"content-type", "application/grpc"}, {"te", "trailers"}},
                         .body = net::grpc_message(service_message(service)),
                         .has_body = true});
  }
  // Whether the states are told, one after the other, and no others.
  bool sees(std::int32_t id, const std::vector<int>& states) {
    std::string expected;
    for (const int each : states) {
      HealthCheckResponse answer;
      answer.set_status(static_cast<HealthCheckResponse::ServingStatus>(each));
      expected += net::grpc_message(answer.SerializeAsString());
    }
    return client_.wait_until([&] { return client_.answer(id).body.size() >= expected.size(); }) &&
           client_.answer(id).body == expected;
  }

  serve::TestSource source_;
  House house_{kHealthModel, 1e12, {}, &source_};
  std::unique_ptr<net::Server> server_ = net::serve(house_.front(), {.limits = quick()});
  net::Http2Client client_{*server_};
};

TEST_F(HealthWatchTest, SeesAnEndpointComeAndGo) {
  const auto faq = watch("faq");
  const auto server = watch("");
  EXPECT_TRUE(sees(faq, {3}));
  EXPECT_TRUE(sees(server, {kServing}));
  const auto manage = [&](const std::string& what) {
    EXPECT_EQ(house_.post("/v2/repository/models/faq/" + what, "").status, 200);
  };
  // While it is loaded, NOT_SERVING may be seen or not.
  manage("load");
  EXPECT_TRUE(client_.wait_until([&] {
    const std::string& told = client_.answer(faq).body;
    return told.size() >= 14 && told.back() == 1;
  }));
  const std::size_t before = client_.answer(faq).body.size();
  // Another version of it is no news.
  manage("load");
  manage("unload");
  EXPECT_TRUE(client_.wait_until([&] { return client_.answer(faq).body.size() > before; }));
  EXPECT_EQ(client_.answer(faq).body.size(), before + 7);
  EXPECT_EQ(client_.answer(faq).body.back(), 3);
  EXPECT_TRUE(sees(server, {kServing}));
}

TEST_F(HealthWatchTest, SeesTheEndOfTheServerBeforeItComes) {
  const auto server = watch("");
  const auto model = watch("passengers");
  EXPECT_TRUE(sees(server, {1}));
  EXPECT_TRUE(sees(model, {1}));
  bool finished = false;
  {
    const std::jthread stopper([&] {
      house_.front().drain();
      finished = server_->stop(net::soon(), net::soon());
    });
    for (const auto id : {server, model}) {
      EXPECT_EQ(client_.wait(id).trailers.at("grpc-status"), "14");
      EXPECT_TRUE(sees(id, {1, 2}));
    }
    EXPECT_TRUE(client_.ended());
    client_.leave();
  }
  EXPECT_TRUE(finished);
}

TEST_F(HealthWatchTest, BytesThatAreNoCallEndItAlone) {
  const auto good = watch("");
  EXPECT_TRUE(sees(good, {1}));
  const auto raw = [&](const std::string& body, const std::string& type) {
    const auto id = client_.send({.method = "POST",
                                  .path = kHealthPath + "Watch",
                                  .fields = {{"content-type", type}, {"te", "trailers"}},
                                  .body = body,
                                  .has_body = true});
    return client_.wait(id);
  };
  const std::string grpc = "application/grpc";
  for (const std::string& body :
       {std::string(), std::string("\0\0\0", 3), std::string("\0\0\0\0\5a", 6),
        std::string("\7\0\0\0\0", 5), std::string("\0\xFF\xFF\xFF\xFF", 5),
        std::string("\1\0\0\0\1a", 6), net::grpc_message("") + net::grpc_message(""),
        net::grpc_message(std::string(1025, '\n'))}) {
    const auto answer = raw(body, grpc);
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.fields.at("grpc-status"), "0");
  }
  // What speaks gRPC's dialect of browsers asks a path that is not there.
  EXPECT_EQ(raw(net::grpc_message(""), "application/grpc-web+proto").status, 404);
  EXPECT_EQ(raw(net::grpc_message(""), "application/grpc-web-text").status, 404);
  EXPECT_EQ(server_->counts().followers, 1U);
  EXPECT_FALSE(client_.answer(good).closed);
}

}  // namespace
}  // namespace front
