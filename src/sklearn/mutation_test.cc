// Accepted means safe to score: models with bytes changed are refused, or answer.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMutants = 300;
constexpr std::size_t kRows = 5;

std::string mutated(std::string bytes, std::mt19937& random) {
  std::uniform_int_distribution<std::size_t> at(0, bytes.size() - 1);
  const std::size_t changes = 1 + random() % 3;
  for (std::size_t i = 0; i < changes; ++i) {
    char& byte = bytes[at(random)];
    switch (random() % 4) {
      case 0: byte = static_cast<char>(random()); break;
      case 1: byte = static_cast<char>(byte ^ (1 << random() % 8)); break;
      case 2: byte = static_cast<char>(byte + 1); break;
      default: byte = static_cast<char>(0xFF); break;
    }
  }
  return bytes;
}

void fill(const data::Signature& signature, std::mt19937& random, data::Frame& frame) {
  std::normal_distribution<double> number(0, 3);
  for (std::size_t row = 0; row < kRows; ++row) {
    frame.add_row();
    for (std::size_t c = 0; c < signature.columns.size(); ++c) {
      if (signature.columns[c].type == data::ColumnType::Number) {
        frame.set_number(row, c, number(random));
      } else {
        frame.set_text(row, c, random() % 2 == 0 ? "Pau" : "how to parse json");
      }
    }
  }
}

// Whether the file was accepted; if so it was scored.
bool score(const std::string& bytes, std::mt19937& random) {
  const auto document = pickle::Document::read(base::as_bytes(bytes));
  if (!document.ok()) return false;
  const auto model = Model::read(document->root(), {});
  if (!model.ok()) return false;
  for (const plan::Method method : model->methods()) {
    const auto plan = model->compile(method);
    if (!plan.ok() || plan->signature().columns.size() > 1000) continue;
    data::Frame frame(plan->signature());
    fill(plan->signature(), random, frame);
    plan::Plan::Scratch scratch(*plan);
    const auto answer = plan->run(frame, scratch);
    if (!answer.ok()) continue;
    const bool dense = plan->output().form == plan::Form::Dense;
    EXPECT_EQ(dense ? (*answer)->dense.rows : (*answer)->sparse.rows, kRows);
  }
  return true;
}

TEST(MutationTest, WhatIsAcceptedIsSafeToScore) {
  std::mt19937 random(20240229);
  std::size_t models = 0;
  std::size_t accepted = 0;
  const fs::path folder = fs::path(SOOTH_SOURCE_DIR) / "tests/fuzz/corpus/sklearn_model_fuzz";
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".pkl") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    // Those of every estimator have a test of their own (structure_test.cc).
    if (entry.path().filename().string().starts_with("estimator_")) continue;
    ++models;
    EXPECT_TRUE(score(bytes, random)) << entry.path();
    for (std::size_t i = 0; i < kMutants; ++i) accepted += score(mutated(bytes, random), random);
  }
  EXPECT_GE(models, 10U);
  // Else this would test the refusals alone.
  EXPECT_GT(accepted, models * kMutants / 10);
}

}  // namespace
}  // namespace sklearn
