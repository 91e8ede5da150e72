#include "cli/served_model.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "scorer/test_network.h"

namespace cli {
namespace {

using scorer::testing::TestLoader;

class ServedNetworkTest : public ::testing::Test {
 protected:
  ServedNetworkTest() {
    std::string name = testing::TempDir() + "served.XXXXXX";
    folder_ = ::mkdtemp(name.data());
    write("labels.txt", "7\tred\n8\tgreen\n9\tblue\n");
    write("model.onnx", "a network");
    write("sooth.yaml",
          scorer::testing::kTestRecipe + "engine: {provider: openvino, agreement: 0.01}\n");
  }
  ~ServedNetworkTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  // Rows that the plain kernels have answered.
  void write_golden() const {
    const TestLoader loader;
    const auto plain = scorer::Scorer::load(folder_, {.networks = &loader});
    ASSERT_TRUE(plain.ok()) << plain.error().message();
    scorer::Sample sample;
    sample.examples.pictures = {scorer::testing::red_png()};
    const auto golden = scorer::make_golden(**plain, std::move(sample), "given");
    ASSERT_TRUE(golden.ok()) << golden.error().message();
    write(".sooth/golden.json", golden->json());
  }
  ServedModel served(const TestLoader& loader) const {
    auto loaded = load_found({.name = {}, .what = folder_, .version = {}}, nullptr, {}, &loader);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message();
    return loaded.ok() ? *std::move(loaded) : ServedModel{};
  }

  std::string folder_;
};

TEST_F(ServedNetworkTest, IsRunAsItsRecipeSaysWhereThatAgrees) {
  const ServedModel model = served(TestLoader({.drift = 1e-3}));
  ASSERT_NE(model.scorer, nullptr);
  EXPECT_EQ(model.scorer->placement().provider, engine::Provider::OpenVino);
  EXPECT_EQ(model.scorer->fallback(), "");
  EXPECT_FALSE(model.replayed.has_value());
}

TEST_F(ServedNetworkTest, IsRunAsItsRecipeSaysWhereItsGoldenRowsAgree) {
  write_golden();
  const ServedModel model = served(TestLoader({.drift = 1e-3}));
  ASSERT_NE(model.scorer, nullptr);
  EXPECT_EQ(model.scorer->placement().provider, engine::Provider::OpenVino);
  ASSERT_TRUE(model.replayed.has_value());
  EXPECT_EQ(model.replayed->rows, 1U);
  EXPECT_GT(model.replayed->rel_max, 0);
  EXPECT_EQ(model.examples.pictures.size(), 1U);
}

TEST_F(ServedNetworkTest, FallsBackBeyondTheBound) {
  for (const bool golden : {false, true}) {
    if (golden) write_golden();
    const ServedModel model = served(TestLoader({.drift = 40}));
    ASSERT_NE(model.scorer, nullptr);
    EXPECT_EQ(model.scorer->placement().provider, engine::Provider::Cpu);
    EXPECT_TRUE(model.scorer->fallback().starts_with("openvino in fp32: the answers to row "))
        << model.scorer->fallback();
    EXPECT_EQ(model.replayed.has_value(), golden);
    if (model.replayed) {
      EXPECT_EQ(model.replayed->equal, model.replayed->values);
    }
  }
}

TEST_F(ServedNetworkTest, FallsBackWithoutTheProvider) {
  write_golden();
  const ServedModel model = served(TestLoader({.alone = true}));
  ASSERT_NE(model.scorer, nullptr);
  EXPECT_EQ(model.scorer->placement().provider, engine::Provider::Cpu);
  EXPECT_EQ(model.scorer->fallback(), "no such provider here");
  EXPECT_TRUE(model.replayed.has_value());
}

TEST_F(ServedNetworkTest, WhatAnswersOtherwiseByThePlainKernelsIsRefused) {
  write_golden();
  const TestLoader other({.scale = 2, .alone = true});
  const auto loaded = load_found({.name = {}, .what = folder_, .version = {}}, nullptr, {}, &other);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code(), base::Code::Corrupt);
}

}  // namespace
}  // namespace cli
