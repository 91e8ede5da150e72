#include "serve/deployment.h"

#include <string>

#include <gtest/gtest.h>

#include "contract/test_tensors.h"
#include "scorer/test_network.h"
#include "serve/warm_up.h"

namespace serve {
namespace {

using contract::testing::load_echo;
using contract::testing::load_three;
using contract::testing::test_spec;
using data::Datatype;

TEST(DeploymentTest, ANetworksExampleIsItsLeastRequest) {
  const Deployment deployment("echo", "1", load_three());
  ASSERT_EQ(deployment.example_tensors().size(), 3U);
  EXPECT_EQ(deployment.example_tensors()[0].bytes.size(), sizeof(std::int64_t));
  EXPECT_EQ(deployment.example_row(), R"({"ids":[[0]],"scale":[0],"words":[""]})");
  warm_up(deployment);
  auto session = deployment.borrow();
  EXPECT_FALSE(session->ask.tensors.any());
  // Whoever warms it up runs it once.
  EXPECT_EQ(session->tensors.size(), 4U);
}

TEST(DeploymentTest, AnExampleOfTheOwnersComesFirst) {
  scorer::Examples examples;
  const std::vector<float> numbers = {3, 4};
  examples.requests.push_back(
      {{.name = "x",
        .tensor = {.type = Datatype::Fp32,
                   .shape = {1, 2},
                   .bytes = std::string(reinterpret_cast<const char*>(numbers.data()), 8),
                   .texts = {}}}});
  const Deployment deployment("echo", "1", contract::testing::load_pairs(), examples);
  EXPECT_EQ(deployment.example_row(), R"({"x":[[3,4]]})");
  EXPECT_EQ(deployment.example_tensors().size(), 1U);
}

TEST(DeploymentTest, WhatIsTooLargeIsNoExample) {
  const Deployment shown("echo", "1", load_echo({test_spec("x", Datatype::Fp32, {-1, 1024})}));
  EXPECT_FALSE(shown.example_row().empty());
  const Deployment tried("echo", "1", load_echo({test_spec("x", Datatype::Fp32, {-1, 1025})}));
  EXPECT_TRUE(tried.example_row().empty());
  EXPECT_EQ(tried.example_tensors().size(), 1U);
  const Deployment neither("echo", "1",
                           load_echo({test_spec("x", Datatype::Fp32, {-1, (16 << 20) + 1})}));
  EXPECT_TRUE(neither.example_tensors().empty());
  warm_up(neither);
}

TEST(DeploymentTest, TensorsCostByHowManyComeAtOnce) {
  const Deployment deployment("echo", "1", load_echo({test_spec("x", Datatype::Fp32, {-1, 1000})}));
  const double one = deployment.estimate_us(4000);
  EXPECT_DOUBLE_EQ(deployment.estimate_us(0) + 4, one);
  EXPECT_DOUBLE_EQ(deployment.estimate_us(40'000), 10 * one);
}

TEST(DeploymentTest, PicturesOfAFormCostByWhatTheLastOnesWereLike) {
  const Deployment deployment("colours", "1", *scorer::testing::load_test_pictures());
  const std::size_t bytes = 10 * scorer::testing::red_png().size();
  const double one = deployment.scorer().cost_us();
  EXPECT_NEAR(deployment.estimate_us(bytes, true), one, 10);
  for (int i = 0; i < 100; ++i) {
    auto session = deployment.borrow();
    session->ask.frame.add_row();
    session->ask.frame.copy_text(0, 0, scorer::testing::red_png());
    ASSERT_TRUE(deployment.score(*session).ok());
  }
  EXPECT_NEAR(deployment.estimate_us(bytes, true), 10 * one, 2 * one);
  // What may have one alone costs no more for its bytes.
  EXPECT_NEAR(deployment.estimate_us(bytes), one, 10);
  EXPECT_LE(deployment.estimate_us(1 << 30, true), 256 * one + 2e6);
}

TEST(DeploymentTest, WhatNobodyWaitsForEndsBetweenPictures) {
  const Deployment deployment("colours", "1", *scorer::testing::load_test_pictures());
  auto session = deployment.borrow();
  for (std::size_t i = 0; i < 3; ++i) {
    session->ask.frame.add_row();
    session->ask.frame.copy_text(i, 0, scorer::testing::red_png());
  }
  int asked = 0;
  const auto left = deployment.score(*session, [&]() -> std::optional<Reason> {
    return ++asked == 2 ? std::optional(Reason::Abandoned) : std::nullopt;
  });
  ASSERT_FALSE(left.ok());
  EXPECT_EQ(left.error().code(), base::Code::Cancelled);
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace serve
