#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "front/test_house.h"

// For tests of what clients of each protocol send.
namespace front::testing {

inline const std::string kFaqSimilarity = SOOTH_SOURCE_DIR "/demos/faq/similarity";
inline const std::string kData = SOOTH_SOURCE_DIR "/tests/scenario/data/";
inline const std::string kTwoRows =
    R"([{"age":30,"fare":50,"port":"Oslo"},{"age":null,"fare":5,"port":"Bern"}])";

using Json = nlohmann::json;

struct Sent {
  std::string path;
  std::string body;
  std::vector<net::Header> headers;
};

}  // namespace front::testing
