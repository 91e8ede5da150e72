// A network of tensors behind a server's protocols, computed by ONNX Runtime.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/loader.h"
#include "engine_onnx/test_onnx.h"
#include "engine_onnx/test_runtime.h"
#include "front/test_house.h"
#include "scorer/scorer.h"

namespace cli {
namespace {

using front::testing::bytes_of;
using front::testing::House;
using ServedJson = nlohmann::json;

// Gives a network that was loaded already.
class GivenNetwork final : public engine::Loader {
 public:
  explicit GivenNetwork(std::unique_ptr<engine::Network> network) : network_(std::move(network)) {}
  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& /*files*/, const std::string& /*name*/,
      const engine::Settings& /*settings*/) const override {
    return std::move(network_);
  }

 private:
  mutable std::unique_ptr<engine::Network> network_;
};

class ServedTensorsTest : public engine_onnx::WithRuntime {
 protected:
  std::shared_ptr<const scorer::Scorer> scorer_of(const engine_onnx::TestMessage& graph) {
    const std::map<std::string, std::string> model = {
        {"model.onnx", engine_onnx::test_model(graph).bytes()}};
    auto network = load(model);
    EXPECT_TRUE(network.ok()) << network.error().message();
    const GivenNetwork loader(*std::move(network));
    const std::map<std::string, std::string> texts = {
        {"sooth.yaml", "name: net\nmodel: model.onnx\n"}, {"model.onnx", "a network"}};
    const engine_onnx::TestFiles files(texts);
    auto scorer = scorer::Scorer::load(files, "net", {.networks = &loader});
    EXPECT_TRUE(scorer.ok()) << scorer.error().message();
    return *std::move(scorer);
  }
  static ServedJson json_of(const House::Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return ServedJson::parse(answer.body, nullptr, false);
  }
};

TEST_F(ServedTensorsTest, Numbers) {
  House house(scorer_of(engine_onnx::adding_graph()));
  EXPECT_EQ(json_of(house.post("/v1/models/net:predict", R"({"instances":[[1,2],[3,4.5]]})")),
            ServedJson::parse(R"({"predictions":[[11,22],[13,24.5]]})"));
  EXPECT_EQ(json_of(house.post("/score", R"({"inputs":{"x":[[0,0]]}})")),
            ServedJson::parse("[[10,20]]"));
  const std::string json = R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"parameters":)"
                           R"({"binary_data_size":8}}],"parameters":{"binary_data_output":true}})";
  const auto answer = house.ask(net::Method::Post, "/v2/models/net/infer",
                                json + bytes_of(std::vector<float>{1, 2}),
                                {{"Content-Type", "application/octet-stream"},
                                 {"Inference-Header-Content-Length", std::to_string(json.size())}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body.substr(answer.body.size() - 8), bytes_of(std::vector<float>{11, 22}));
  EXPECT_EQ(house.post("/score", R"({"inputs":[[1,2,3]]})").body,
            R"({"message":"input \"x\": expected FP32[?,2], got FP32[1,3]"})");
}

TEST_F(ServedTensorsTest, Texts) {
  House house(scorer_of(engine_onnx::echoing_graph()));
  EXPECT_EQ(json_of(house.post("/v1/models/net:predict",
                               R"({"instances":["a","\u00fc",{"b64":"/w=="}]})")),
            ServedJson::parse(R"({"predictions":["a","ü",{"b64":"/w=="}]})"));
}

}  // namespace
}  // namespace cli
