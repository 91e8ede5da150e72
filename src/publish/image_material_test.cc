// SqueezeNet 1.1 as people use it, on the photographs of the material beside the tree: its logits
// and its first five categories are those that PyTorch gives.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/loader.h"
#include "engine_onnx/test_runtime.h"
#include "scorer/scorer.h"

namespace publish {
namespace {

constexpr std::size_t kCategories = 1000;
constexpr std::size_t kNpyHead = 128;
constexpr std::size_t kBest = 5;

std::string folder() {
  const char* const set = std::getenv("SOOTH_MATERIAL");
  const std::string root =
      set != nullptr ? set : std::string(SOOTH_SOURCE_DIR) + "/../shared/material";
  return root + "/imagenet";
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The network's own numbers, by the names of the photographs.
std::map<std::string, std::vector<double>> golden_logits() {
  std::map<std::string, std::vector<double>> by_name;
  const std::string numbers = content_of(folder() + "/golden/squeezenet1.1_logits_f32.npy");
  std::istringstream names(content_of(folder() + "/golden/squeezenet1.1_top5.tsv"));
  std::string line;
  for (std::size_t row = 0; std::getline(names, line); ++row) {
    std::vector<float> logits(kCategories);
    std::memcpy(logits.data(), numbers.data() + kNpyHead + row * kCategories * sizeof(float),
                kCategories * sizeof(float));
    by_name[line.substr(0, line.find('\t'))] = {logits.begin(), logits.end()};
  }
  return by_name;
}

std::vector<std::size_t> best_of(std::span<const double> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::partial_sort(order.begin(), order.begin() + kBest, order.end(),
                    [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(kBest);
  return order;
}

class ImageMaterialTest : public engine_onnx::WithRuntime {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no " << folder();
    WithRuntime::SetUp();
  }
};

TEST_F(ImageMaterialTest, SeesWhatTheOriginalSees) {
  const engine_onnx::TestFiles files(
      {{"sooth.yaml",
        "model: model.onnx\n"
        "image: {preset: torchvision, labels: labels.json, scores: probabilities}\n"},
       {"model.onnx", content_of(folder() + "/squeezenet1.1_fp32.onnx")},
       {"labels.json", content_of(folder() + "/labels/imagenet_class_index.json")}});
  const engine_onnx::RuntimeLoader loader(runtime_);
  const auto scorer = scorer::Scorer::load(files, "squeezenet", {.networks = &loader});
  ASSERT_TRUE(scorer.ok()) << scorer.error().message();
  const scorer::ImageScorer& image = *(*scorer)->image();
  scorer::ImageScorer::Scratch scratch;
  const auto golden = golden_logits();
  double farthest = 0;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder() + "/images")) {
    const std::string name = entry.path().filename().string();
    ASSERT_TRUE(golden.contains(name)) << name;
    const auto scores = image.scores(content_of(entry.path().string()), scratch);
    ASSERT_TRUE(scores.ok()) << name << ": " << scores.error().message();
    const std::vector<double>& expected = golden.at(name);
    for (std::size_t i = 0; i < kCategories; ++i) {
      farthest = std::max(farthest, std::abs((*scores)[i] - expected[i]));
    }
    EXPECT_EQ(best_of(*scores), best_of(expected)) << name;
    ++count;
  }
  EXPECT_EQ(count, 83U);
  EXPECT_LE(farthest, 1e-3);
  RecordProperty("farthest", std::to_string(farthest));
}

}  // namespace
}  // namespace publish
