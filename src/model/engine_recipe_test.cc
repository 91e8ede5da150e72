#include "model/engine_recipe.h"

#include <string>

#include <gtest/gtest.h>

#include "model/recipe.h"

namespace model {
namespace {

using engine::Precision;
using engine::Provider;

base::Result<Recipe> parse_engine(const std::string& keys) {
  return parse_recipe("sooth.yaml", "model: net.onnx\nengine: {" + keys + "}\n");
}

engine::Settings engine_of(const std::string& keys) {
  const auto recipe = parse_engine(keys);
  EXPECT_TRUE(recipe.ok()) << recipe.error().message();
  return recipe.ok() ? recipe->engine : engine::Settings{};
}

TEST(EngineRecipeTest, NothingSaidIsTheRuntimesOwnKernelsInFp32) {
  const engine::Settings read = engine_of("");
  EXPECT_EQ(read, engine::Settings{});
  EXPECT_TRUE(read.is_plain());
  EXPECT_EQ(read.agreement, 1e-4);
}

TEST(EngineRecipeTest, ReadsEveryKey) {
  const engine::Settings read = engine_of(
      "provider: openvino, precision: bf16, threads: 4, batch: 16, "
      "agreement: 0.02");
  EXPECT_EQ(read.provider, Provider::OpenVino);
  EXPECT_EQ(read.precision, Precision::Bf16);
  EXPECT_EQ(read.threads, 4U);
  EXPECT_EQ(read.batch_max, 16U);
  EXPECT_EQ(read.agreement, 0.02);
  EXPECT_EQ(read.plain().precision, Precision::Fp32);
  EXPECT_TRUE(read.plain().is_plain());
  EXPECT_EQ(read.plain().threads, 4U);
}

TEST(EngineRecipeTest, BatchesAreOffAutoOrOfSoManyAtMost) {
  EXPECT_EQ(engine_of("batch: off").batch_max, 1U);
  EXPECT_EQ(engine_of("batch: auto").batch_max, std::nullopt);
  EXPECT_EQ(engine_of("batch: 1").batch_max, 1U);
}

TEST(EngineRecipeTest, WhatIsQuantisedComputesAnywhere) {
  const engine::Settings cpu = engine_of("precision: int8, agreement: 0.1");
  EXPECT_TRUE(cpu.is_plain());
  const engine::Settings other = engine_of("provider: openvino, precision: int8, agreement: 0.1");
  EXPECT_FALSE(other.is_plain());
  EXPECT_EQ(other.plain(), cpu);
}

TEST(EngineRecipeTest, GoesWithPictures) {
  const auto recipe = parse_recipe("sooth.yaml",
                                   "image: {labels: l.txt}\n"
                                   "engine: {provider: cuda, threads: 2}\n");
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  EXPECT_EQ(recipe->engine.provider, Provider::Cuda);
  EXPECT_EQ(recipe->engine.threads, 2U);
}

TEST(EngineRecipeTest, RefusesWithThePlace) {
  const struct {
    const char* keys;
    const char* message;
  } cases[] = {
      {"provder: cpu", "sooth.yaml:2:10: unknown key \"provder\"; did you mean \"provider\"?"},
      {"provider: tpu",
       "sooth.yaml:2:20: \"provider\": expected \"cpu\" or \"openvino\" or \"cuda\", got \"tpu\""},
      {"precision: fp8",
       "sooth.yaml:2:21: \"precision\": expected \"fp32\" or \"bf16\" or \"int8\", got \"fp8\""},
      {"precision: bf16, agreement: 0.1",
       "sooth.yaml:2:21: \"precision\": expected \"provider: openvino\" for bf16, which alone "
       "computes in it"},
      {"provider: openvino, precision: bf16",
       "sooth.yaml:2:41: \"precision\": below fp32, expected \"agreement\" beside it, as in "
       "\"agreement: 0.02\": how far answers may move"},
      {"precision: int8",
       "sooth.yaml:2:21: \"precision\": below fp32, expected \"agreement\" beside it, as in "
       "\"agreement: 0.02\": how far answers may move"},
      {"threads: 0",
       "sooth.yaml:2:19: key \"threads\": expected a whole number from 1 to 256, got \"0\""},
      {"batch: some",
       "sooth.yaml:2:17: \"batch\": expected \"auto\", \"off\" or a whole number from 1 to "
       "1024"},
      {"batch: 2000",
       "sooth.yaml:2:17: \"batch\": expected \"auto\", \"off\" or a whole number from 1 to "
       "1024"},
      {"agreement: 2", "sooth.yaml:2:21: \"agreement\": expected a number from 0 to 1, got 2"},
      {"agreement: -1e-5",
       "sooth.yaml:2:21: \"agreement\": expected a number from 0 to 1, got -1e-05"},
  };
  for (const auto& c : cases) {
    const auto recipe = parse_engine(c.keys);
    ASSERT_FALSE(recipe.ok()) << c.keys;
    EXPECT_EQ(recipe.error().message(), c.message);
  }
}

TEST(EngineRecipeTest, IsOfNetworksAlone) {
  const auto recipe = parse_recipe("sooth.yaml", "model: m.joblib\nengine: {threads: 2}\n");
  ASSERT_FALSE(recipe.ok());
  EXPECT_EQ(recipe.error().message(),
            "sooth.yaml:2:9: \"engine\": expected a network in a file *.onnx, got \"m.joblib\"");
}

}  // namespace
}  // namespace model
