#include "scorer/match_scorer.h"

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/number.h"
#include "scorer/scorer.h"

namespace scorer {
namespace {

const std::string kFaq = SOOTH_SOURCE_DIR "/demos/faq";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

// What Python computed for held-out duplicates: query text and the score of each candidate.
struct Expected {
  std::string query;
  std::vector<double> scores;
};

std::vector<Expected> read_expected(const std::string& folder, const std::string& kind) {
  std::map<std::string, std::string> texts;
  std::ifstream duplicates(kFaq + "/data/duplicates.tsv");
  for (std::string line; std::getline(duplicates, line);) {
    const auto fields = split(line);
    texts[fields[0]] = fields[2];
  }
  std::vector<Expected> all;
  std::ifstream file(folder + "/expected_scores.tsv");
  for (std::string line; std::getline(file, line);) {
    const auto fields = split(line);
    if (fields[1] != kind) continue;
    Expected expected{texts[fields[0]], {}};
    for (std::size_t i = 2; i < fields.size(); ++i) {
      expected.scores.push_back(*base::parse_double(fields[i]));
    }
    all.push_back(std::move(expected));
  }
  return all;
}

std::shared_ptr<const Scorer> load(const std::string& folder, bool plain = false) {
  auto loaded = Scorer::load(folder, {.plain_pairs = plain});
  EXPECT_TRUE(loaded.ok()) << loaded.error().message();
  return loaded.ok() ? *loaded : nullptr;
}

void expect_probabilities_bit_for_bit(const MatchScorer& match) {
  MatchScorer::Scratch scratch(match);
  const auto all = read_expected(kFaq, "probability");
  ASSERT_EQ(all.size(), 50U);
  for (const Expected& expected : all) {
    const auto scores = match.scores(expected.query, scratch);
    ASSERT_TRUE(scores.ok()) << scores.error().message();
    ASSERT_EQ(scores->size(), expected.scores.size());
    for (std::size_t j = 0; j < scores->size(); ++j) {
      EXPECT_EQ((*scores)[j], expected.scores[j]) << expected.query << " candidate " << j;
    }
  }
}

TEST(MatchScorerTest, PairsFactoriseToLightGbmsOwnProbabilities) {
  const auto scorer = load(kFaq);
  ASSERT_NE(scorer, nullptr);
  ASSERT_EQ(scorer->match()->plain_because(), std::nullopt);
  expect_probabilities_bit_for_bit(*scorer->match());
}

TEST(MatchScorerTest, ThePlainWayGivesTheSameBits) {
  const auto scorer = load(kFaq, true);
  ASSERT_NE(scorer, nullptr);
  ASSERT_TRUE(scorer->match()->plain_because().has_value());
  expect_probabilities_bit_for_bit(*scorer->match());
}

TEST(MatchScorerTest, SimilarityIsTheCosineThatPythonComputed) {
  const auto scorer = load(kFaq + "/similarity");
  ASSERT_NE(scorer, nullptr);
  MatchScorer::Scratch scratch(*scorer->match());
  const auto all = read_expected(kFaq + "/similarity", "similarity");
  ASSERT_EQ(all.size(), 50U);
  for (const Expected& expected : all) {
    const auto scores = scorer->match()->scores(expected.query, scratch);
    ASSERT_TRUE(scores.ok());
    for (std::size_t j = 0; j < scores->size(); ++j) {
      EXPECT_NEAR((*scores)[j], expected.scores[j], 1e-12) << expected.query;
    }
  }
}

TEST(MatchScorerTest, RanksBestFirstAndCutsAtTopK) {
  const auto scorer = load(kFaq);
  ASSERT_NE(scorer, nullptr);
  const MatchScorer& match = *scorer->match();
  MatchScorer::Scratch scratch(match);
  const auto all = match.match("how to compare two arrays", 1'000'000, scratch);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), match.candidates().rows.size());
  for (std::size_t i = 1; i < all->size(); ++i) {
    EXPECT_GE((*all)[i - 1].score, (*all)[i].score);
    if ((*all)[i - 1].score == (*all)[i].score) {
      EXPECT_LT((*all)[i - 1].candidate, (*all)[i].candidate);
    }
  }
  const std::vector<Ranked> whole(all->begin(), all->end());
  for (const std::size_t top_k : {std::size_t{1}, std::size_t{3}, whole.size() - 1}) {
    const auto some = match.match("how to compare two arrays", top_k, scratch);
    ASSERT_EQ(some->size(), top_k);
    for (std::size_t i = 0; i < top_k; ++i) EXPECT_EQ((*some)[i].candidate, whole[i].candidate);
  }
}

TEST(MatchScorerTest, AQueryWithoutAKnownWordStillRanksEveryone) {
  const auto scorer = load(kFaq);
  ASSERT_NE(scorer, nullptr);
  MatchScorer::Scratch scratch(*scorer->match());
  const auto scores = scorer->match()->scores("\xe6\x97\xa5\xe6\x9c\xac", scratch);
  ASSERT_TRUE(scores.ok());
  for (const double score : *scores) EXPECT_TRUE(score > 0 && score < 1);
}

}  // namespace
}  // namespace scorer
