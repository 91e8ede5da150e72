#pragma once

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contract/test_tensors.h"
#include "front/test_house.h"

// For tests of networks of tensors behind every protocol.
namespace front::testing {

using TensorsJson = nlohmann::json;

inline const std::string kInfer = "/v2/models/echo/infer";
inline const std::string kPredict = "/v1/models/echo:predict";
inline const std::string kModelInfer = "/inference.GRPCInferenceService/ModelInfer";
inline const std::string kGrpcPredict = "/tensorflow.serving.PredictionService/Predict";

inline std::string text_element(const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + text;
}

class TensorsTest : public ::testing::Test {
 protected:
  static TensorsJson json_of(const House::Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return TensorsJson::parse(answer.body, nullptr, false);
  }
  static House::Answer post_binary(House& house, const std::string& json,
                                   const std::string& bytes) {
    return house.ask(net::Method::Post, kInfer, json + bytes,
                     {{"Content-Type", "application/octet-stream"},
                      {"Inference-Header-Content-Length", std::to_string(json.size())}});
  }
  static std::string refusal_of(const House::Answer& answer) {
    EXPECT_EQ(answer.status, 400) << answer.body;
    const TensorsJson json = TensorsJson::parse(answer.body, nullptr, false);
    return json.contains("error") ? json["error"] : json["message"];
  }

  House three_{contract::testing::load_three()};
  House pairs_{contract::testing::load_pairs()};
};

}  // namespace front::testing
