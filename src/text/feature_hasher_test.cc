#include "text/feature_hasher.h"

#include <gtest/gtest.h>

namespace text {
namespace {

// What scikit-learn 1.9.1 gives for {"dog": 1, "cat": 2, "elephant": 4} and for {"dog": 2, "run":
// 5} is in its own documentation.
TEST(FeatureHasherTest, HashesNamesToSignedColumns) {
  const FeatureHasher hasher({.n_features = 10});
  FeatureHasher::Scratch scratch;
  Row row;
  hasher.add("dog", 1, scratch);
  hasher.add("cat", 2, scratch);
  hasher.add("elephant", 4, scratch);
  hasher.end_row(scratch, row);
  EXPECT_EQ(row.indices, (std::vector<std::uint32_t>{2, 3, 9}));
  EXPECT_EQ(row.values, (std::vector<double>{-4, -1, 2}));
  row.clear();
  hasher.add("dog", 2, scratch);
  hasher.add("run", 5, scratch);
  hasher.add("none", 0, scratch);
  hasher.end_row(scratch, row);
  EXPECT_EQ(row.indices, (std::vector<std::uint32_t>{3, 4}));
  EXPECT_EQ(row.values, (std::vector<double>{-2, -5}));
}

TEST(FeatureHasherTest, TakesATextAsPartOfTheName) {
  const FeatureHasher hasher({.n_features = 1U << 20});
  FeatureHasher::Scratch scratch;
  Row by_text;
  hasher.add("kind", "a", scratch);
  hasher.end_row(scratch, by_text);
  Row by_name;
  hasher.add("kind=a", 1, scratch);
  hasher.end_row(scratch, by_name);
  EXPECT_EQ(by_text.indices, by_name.indices);
  EXPECT_EQ(by_text.values, by_name.values);
}

TEST(FeatureHasherTest, StoresWhatItsNumbersHold) {
  const auto only = [](FeatureHashing::Number number, std::vector<double> values) {
    const FeatureHasher hasher({.n_features = 1, .alternate_sign = false, .number = number});
    FeatureHasher::Scratch scratch;
    Row row;
    for (const double value : values) hasher.add("a", value, scratch);
    hasher.end_row(scratch, row);
    return row.values.at(0);
  };
  EXPECT_EQ(only(FeatureHashing::Number::Integer, {1.9, -0.5, 2.5}), 3);
  EXPECT_EQ(only(FeatureHashing::Number::Float32, {0.1}), static_cast<double>(0.1F));
  EXPECT_EQ(only(FeatureHashing::Number::Float64, {0.1, 0.2}), 0.1 + 0.2);
}

}  // namespace
}  // namespace text
