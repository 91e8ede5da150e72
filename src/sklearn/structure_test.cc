// Accepted means safe to score: models whose values were changed are refused, or answer.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sklearn/test_mutation.h"
#include "sklearn/test_scoring.h"

namespace sklearn {
namespace {

namespace fs = std::filesystem;

// Of each model; SOOTH_MUTANTS=1000 for a long run.
std::size_t structure_mutants() {
  const char* asked = std::getenv("SOOTH_MUTANTS");
  return asked == nullptr ? 12 : std::strtoul(asked, nullptr, 10);
}
// Of a model of a few kilobytes, under sanitizers, on a busy machine.
constexpr std::chrono::seconds kStructureTimeMax{20};

// One for every class that can be read, by their names.
std::vector<fs::path> structure_seeds() {
  std::vector<fs::path> seeds;
  const fs::path folder = fs::path(SOOTH_SOURCE_DIR) / "tests/fuzz/corpus/sklearn_model_fuzz";
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".pkl") seeds.push_back(entry.path());
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

std::string bytes_of_seed(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StructureTest, AModelWrittenAgainIsTheSameToItsReader) {
  std::size_t read = 0;
  for (const fs::path& path : structure_seeds()) {
    const std::string bytes = bytes_of_seed(path);
    const bool accepted = test_scoring::score(base::as_bytes(bytes));
    const std::string again = test_mutant::rewritten(bytes);
    EXPECT_EQ(test_scoring::score(base::as_bytes(again)), accepted) << path;
    read += accepted ? 1 : 0;
  }
  EXPECT_GE(read, 10U);
}

TEST(StructureTest, WhatIsAcceptedIsSafeToScore) {
  std::mt19937 random(20261129);
  const std::size_t mutants = structure_mutants();
  std::size_t accepted = 0;
  std::size_t tried = 0;
  for (const fs::path& path : structure_seeds()) {
    const std::string bytes = bytes_of_seed(path);
    if (!test_scoring::score(base::as_bytes(bytes))) continue;
    for (std::size_t i = 0; i < mutants; ++i) {
      const std::string mutant = test_mutant::mutated_values(bytes, random);
      const auto start = std::chrono::steady_clock::now();
      accepted += test_scoring::score(base::as_bytes(mutant)) ? 1 : 0;
      EXPECT_LT(std::chrono::steady_clock::now() - start, kStructureTimeMax) << path << " " << i;
      ++tried;
    }
  }
  // Else this would test the refusals alone.
  EXPECT_GT(accepted, tried / 10);
}

}  // namespace
}  // namespace sklearn
