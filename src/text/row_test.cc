// Counts, hashing and weights where the golden files of sklearn_agreement_test.cc do not reach.
#include "text/row.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "text/count_vectorizer.h"
#include "text/hashing_vectorizer.h"
#include "text/tfidf.h"

namespace text {
namespace {

using Columns = std::vector<std::uint32_t>;
using Values = std::vector<double>;

HashingVectorizer hashing(HashingOptions options) {
  return *HashingVectorizer::make(*Analyzer::make({}), options);
}

TEST(NormalizeTest, DividesByTheNorm) {
  Values values = {3, -4};
  normalize(values, {Norm::L2});
  EXPECT_EQ(values, (Values{3.0 / 5, -4.0 / 5}));
  values = {3, -1};
  normalize(values, {Norm::L1});
  EXPECT_EQ(values, (Values{0.75, -0.25}));
  values = {0, 0};
  normalize(values, {Norm::L2});
  EXPECT_EQ(values, (Values{0, 0}));
}

TEST(NormalizeTest, SumsInTheOrderGiven) {
  // 1 is lost when it is added to 2^53 first, twice, and is not when the ones come first.
  const double big = 9007199254740992;
  Values ascending = {big, 1, 1};
  normalize(ascending, {Norm::L1, ColumnOrder::Ascending});
  EXPECT_EQ(ascending[0], 1.0);
  Values descending = {big, 1, 1};
  normalize(descending, {Norm::L1, ColumnOrder::Descending});
  EXPECT_EQ(descending[0], big / (big + 2));
}

TEST(CountVectorizerTest, GivesColumnsInOrderHoweverFarApart) {
  std::vector<std::string> terms;
  std::vector<Vocabulary::Entry> entries;
  for (int i = 0; i < 300000; ++i) terms.push_back("w" + std::to_string(i));
  for (const std::string& term : terms) {
    entries.emplace_back(term, static_cast<std::uint32_t>(entries.size()));
  }
  const CountVectorizer vectorizer(*Analyzer::make({}), *Vocabulary::make(entries), false);
  EXPECT_EQ(vectorizer.features(), 300000U);
  CountVectorizer::Scratch scratch;
  Row row;
  ASSERT_TRUE(vectorizer.append("w299999 w64 w0 w63 w4096 w64 unknown", scratch, row).ok());
  ASSERT_TRUE(vectorizer.append("w64", scratch, row).ok());
  EXPECT_EQ(row.indices, (Columns{0, 63, 64, 4096, 299999, 64}));
  EXPECT_EQ(row.values, (Values{1, 1, 2, 1, 1, 1}));
}

TEST(CountVectorizerTest, CountsEachTermOnceWhenBinary) {
  const CountVectorizer vectorizer(*Analyzer::make({}), *Vocabulary::make({{"aa", 1}, {"bb", 0}}),
                                   true);
  CountVectorizer::Scratch scratch;
  Row row;
  ASSERT_TRUE(vectorizer.append("aa bb aa", scratch, row).ok());
  EXPECT_EQ(row.indices, (Columns{0, 1}));
  EXPECT_EQ(row.values, (Values{1, 1}));
}

TEST(CountVectorizerTest, SharesAScratchBetweenVocabularies) {
  const CountVectorizer small(*Analyzer::make({}), *Vocabulary::make({{"aa", 0}}), false);
  const CountVectorizer large(*Analyzer::make({}), *Vocabulary::make({{"aa", 1}, {"bb", 0}}),
                              false);
  CountVectorizer::Scratch scratch;
  for (int i = 0; i < 2; ++i) {
    Row row;
    ASSERT_TRUE(small.append("aa bb", scratch, row).ok());
    ASSERT_TRUE(large.append("aa bb bb", scratch, row).ok());
    EXPECT_EQ(row.indices, (Columns{0, 0, 1}));
    EXPECT_EQ(row.values, (Values{1, 2, 1}));
  }
}

TEST(HashingVectorizerTest, HasAColumnForTheHashWithoutAnAbsoluteValue) {
  // "akqlrggi" hashes to -2^31.
  const struct {
    std::uint32_t features, column;
  } cases[] = {{7, 2}, {16, 0}, {1U << 20, 0}, {2147483647, 1}, {1, 0}};
  for (const auto& c : cases) {
    HashingVectorizer::Scratch scratch;
    Row row;
    const auto done =
        hashing({.n_features = c.features, .norm = Norm::None}).append("akqlrggi", scratch, row);
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(row.indices, Columns{c.column}) << c.features;
    EXPECT_EQ(row.values, Values{-1});
  }
}

TEST(HashingVectorizerTest, KeepsASumOfZero) {
  // Both fall into the one column, "to" with the sign +, "the" with -.
  HashingVectorizer::Scratch scratch;
  Row row;
  ASSERT_TRUE(hashing({.n_features = 1}).append("to the", scratch, row).ok());
  EXPECT_EQ(row.indices, Columns{0});
  EXPECT_EQ(row.values, Values{0});
  row.clear();
  ASSERT_TRUE(hashing({.n_features = 1, .binary = true}).append("to the", scratch, row).ok());
  EXPECT_EQ(row.values, Values{1});
}

TEST(HashingVectorizerTest, RefusesNumbersOfFeaturesOutOfRange) {
  for (const std::uint32_t features : {0U, 1U << 31}) {
    const auto made = HashingVectorizer::make(*Analyzer::make({}), {.n_features = features});
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().message(),
              "n_features: expected 1 to 2147483647, got " + std::to_string(features));
  }
}

TEST(TfidfWeightsTest, AppliesLogarithmIdfAndNormInThatOrder) {
  TfidfWeights weights;
  weights.sublinear_tf = true;
  weights.idf = {2, 1, 3};
  weights.norm = Norm::None;
  const Columns indices = {0, 2};
  Values values = {1, 4};
  weights.apply(indices, values);
  EXPECT_EQ(values, (Values{2, (std::log(4.0) + 1) * 3}));
  weights.norm = Norm::L1;
  values = {1, 1};
  weights.apply(indices, values);
  EXPECT_EQ(values, (Values{2.0 / 5, 3.0 / 5}));
}

TEST(TfidfWeightsTest, TakesTheLogarithmOfFloat32AsNumPyDoes) {
  // With NumPy 2.4; a libm has the last digit otherwise for three of them.
  EXPECT_EQ(numpy_log(2), 0x1.62e43p-1F);
  EXPECT_EQ(numpy_log(7), 0x1.f2272cp+0F);
  EXPECT_EQ(numpy_log(37), 0x1.ce329p+1F);
  EXPECT_EQ(numpy_log(217), 0x1.58503ep+2F);
  EXPECT_EQ(numpy_log(1), 0.0F);
  TfidfWeights weights;
  weights.sublinear_tf = true;
  weights.norm = Norm::None;
  weights.precision = Precision::Float32;
  const Columns indices = {0, 1};
  Values values = {1, 7};
  weights.apply(indices, values);
  EXPECT_EQ(values, (Values{1, static_cast<double>(0x1.f2272cp+0F + 1)}));
}

TEST(TfidfWeightsTest, SumsFromTheEndForReleasesBefore15) {
  EXPECT_EQ(TfidfWeights::order_of(0, 23, true), ColumnOrder::Descending);
  EXPECT_EQ(TfidfWeights::order_of(1, 4, true), ColumnOrder::Descending);
  EXPECT_EQ(TfidfWeights::order_of(1, 4, false), ColumnOrder::Ascending);
  EXPECT_EQ(TfidfWeights::order_of(1, 5, true), ColumnOrder::Ascending);
  EXPECT_EQ(TfidfWeights::order_of(2, 0, true), ColumnOrder::Ascending);
}

}  // namespace
}  // namespace text
