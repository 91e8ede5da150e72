#include "deploy_kubernetes/json_text.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy_kubernetes {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonTextTest, ReadsWhatAnApiServerAnswers) {
  const auto value = parse_json("pods", R"({"kind":"PodList","items":["[[[\"[["]})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ((*value)["kind"], "PodList");
}

TEST(JsonTextTest, DepthIsBounded) {
  EXPECT_TRUE(parse_json("pods", nested(kJsonDepthMax)).ok());
  EXPECT_EQ(parse_json("pods", nested(kJsonDepthMax + 1)).error().message(),
            "pods: expected at most 100 levels of JSON");
  EXPECT_FALSE(parse_json("pods", std::string(100'000, '{')).ok());
}

TEST(JsonTextTest, SaysWhatCameInstead) {
  EXPECT_EQ(parse_json("pods", "<html>").error().message(), "pods: expected JSON, got \"<html>\"");
  EXPECT_EQ(parse_json("pods", std::string(kJsonBytesMax + 1, ' ')).error().code(),
            base::Code::Exhausted);
}

}  // namespace
}  // namespace deploy_kubernetes
