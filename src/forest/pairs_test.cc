#include "forest/pairs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "forest/plain_score.h"
#include "forest/test_values.h"

namespace forest {
namespace {

// About zero: LightGBM's idea of it, and what a float32 makes zero.
constexpr double kAboutZero[] = {0.0, 1e-35, 1.0000000180025095e-35, 1e-40, 1e-46, -0.0};

// What a random ensemble and its rows are like.
struct PairsKind {
  std::string name;
  std::size_t trees = 40;
  std::size_t leaves_min = 1;
  std::size_t leaves_max = 31;
  std::size_t candidates = 50;
  double density = 0.3;        // Share of non-zero values.
  double query_share = 0.5;    // Share of features that are the query's.
  bool signed_values = false;  // Else values and thresholds are at least 0, as in tf-idf.
  bool missing = false;        // Every way of treating what is missing, and NaN in the rows.
  bool categorical = false;
  bool float32_input = false;
};

struct SparseRows {
  std::vector<std::vector<std::uint32_t>> indices;
  std::vector<std::vector<double>> values;

  SparseRow row(std::size_t i) const { return {indices[i], values[i]}; }
  std::vector<SparseRow> all() const {
    std::vector<SparseRow> rows;
    for (std::size_t i = 0; i < indices.size(); ++i) rows.push_back(row(i));
    return rows;
  }
};

class Maker {
 public:
  static constexpr std::size_t kFeatures = 24;

  Maker(PairsKind kind, unsigned seed) : kind_(std::move(kind)), random_(seed) {
    for (std::size_t i = 0; i < kFeatures; ++i) {
      sides.push_back(chance(kind_.query_share) ? Side::Query : Side::Candidate);
      categorical_.push_back(kind_.categorical && chance(0.4));
    }
    ensemble.features = kFeatures;
    ensemble.float32_input = kind_.float32_input;
    ensemble.bits = {0b1010'0110U, 0xF0F0'0003U, 0b11U};
    for (std::size_t i = 0; i < kind_.trees; ++i) {
      ensemble.trees.push_back(
          tree(below(kind_.leaves_max - kind_.leaves_min + 1) + kind_.leaves_min));
    }
    candidates = rows(Side::Candidate, kind_.candidates);
    queries = rows(Side::Query, 12);
    queries.indices.emplace_back();  // A query of nothing but zeros.
    queries.values.emplace_back();
  }

  Ensemble ensemble;
  std::vector<Side> sides;
  SparseRows candidates;
  SparseRows queries;

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool chance(double share) { return std::bernoulli_distribution(share)(random_); }

  // Few distinct values, so that rows meet thresholds exactly.
  double value(bool categorical) {
    if (categorical) return static_cast<double>(below(80)) - 2 + (chance(0.1) ? 0.5 : 0);
    if (kind_.missing && chance(0.1)) return kNaN;
    if (chance(0.15)) return kAboutZero[below(std::size(kAboutZero))];
    const double size = static_cast<double>(below(12)) * 0.1;
    return kind_.signed_values && chance(0.5) ? -size : size;
  }

  Node node() {
    Node result;
    result.feature = static_cast<std::uint32_t>(below(kFeatures));
    result.categorical = categorical_[result.feature];
    if (result.categorical) {
      result.bits_begin = static_cast<std::uint32_t>(below(2));
      result.bits_end = result.bits_begin + 1 + static_cast<std::uint32_t>(below(2));
      result.threshold = kNaN;
    } else {
      do result.threshold = value(false);
      while (std::isnan(result.threshold));
    }
    if (kind_.missing) {
      result.missing = static_cast<Missing>(below(3));
      result.default_left = chance(0.5);
    }
    return result;
  }

  // Splits random leaves until there are enough.
  Tree tree(std::size_t leaves) {
    Tree result;
    result.nodes.reserve(leaves);
    std::vector<std::pair<std::size_t, bool>> parent_of{{0, false}};  // Of each leaf.
    while (result.nodes.size() + 1 < leaves) {
      const std::size_t split = below(parent_of.size());
      const auto index = static_cast<std::int32_t>(result.nodes.size());
      if (index > 0) {
        Node& parent = result.nodes[parent_of[split].first];
        (parent_of[split].second ? parent.left : parent.right) = index;
      }
      Node added = node();
      const bool old_left = chance(0.5);
      (old_left ? added.left : added.right) = ~static_cast<std::int32_t>(split);
      (old_left ? added.right : added.left) = ~static_cast<std::int32_t>(parent_of.size());
      parent_of[split] = {result.nodes.size(), old_left};
      parent_of.emplace_back(result.nodes.size(), !old_left);
      result.nodes.push_back(added);
    }
    // Values of which no sum is exact, so that another order of adding shows.
    for (std::size_t i = 0; i < leaves; ++i) {
      result.leaf_values.push_back(std::uniform_real_distribution<double>(-1, 1)(random_));
    }
    return result;
  }

  SparseRows rows(Side side, std::size_t count) {
    SparseRows result;
    result.indices.resize(count);
    result.values.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t f = kFeatures; f-- > 0;) {  // Any order will do.
        if (sides[f] != side || !chance(kind_.density)) continue;
        result.indices[i].push_back(static_cast<std::uint32_t>(f));
        result.values[i].push_back(value(categorical_[f]));
      }
    }
    return result;
  }

  PairsKind kind_;
  std::mt19937 random_;
  std::vector<bool> categorical_;
};

std::vector<double> plain_scores(const Maker& made, SparseRow query) {
  std::vector<double> scores;
  for (const SparseRow& candidate : made.candidates.all()) {
    std::vector<double> row(Maker::kFeatures, 0.0);
    for (std::size_t k = 0; k < query.indices.size(); ++k) {
      if (made.sides[query.indices[k]] == Side::Query) row[query.indices[k]] = query.values[k];
    }
    for (std::size_t k = 0; k < candidate.indices.size(); ++k) {
      row[candidate.indices[k]] = candidate.values[k];
    }
    scores.push_back(plain_score(made.ensemble, row)[0]);
  }
  return scores;
}

Pairs make(const Maker& made, Variant variant) {
  EXPECT_TRUE(check(made.ensemble).ok());
  auto pairs = Pairs::make(made.ensemble, made.sides, made.candidates.all(), {.variant = variant});
  EXPECT_TRUE(pairs.ok()) << pairs.error().message();
  return *std::move(pairs);
}

// Every variant gives, for every query, the bits of descending every tree for every candidate.
void expect_agreement(const PairsKind& kind, unsigned seed) {
  SCOPED_TRACE(kind.name);
  const Maker made(kind, seed);
  for (const Variant variant : variants()) {
    SCOPED_TRACE(static_cast<int>(variant));
    const Pairs pairs = make(made, variant);
    Pairs::Scratch scratch;
    std::vector<double> scores(pairs.candidates());
    for (std::size_t q = 0; q < made.queries.indices.size(); ++q) {
      pairs.score(made.queries.row(q), scratch, scores);
      expect_same_bits(scores, plain_scores(made, made.queries.row(q)));
    }
  }
}

const PairsKind kPairsKinds[] = {
    {.name = "tf-idf"},
    {.name = "many trees", .trees = 700},
    {.name = "one tree", .trees = 1, .leaves_min = 2},
    {.name = "single leaves", .leaves_max = 1},
    {.name = "stumps", .leaves_min = 2, .leaves_max = 2},
    {.name = "dense", .density = 1, .signed_values = true},
    {.name = "sparse with negative thresholds", .density = 0.1, .signed_values = true},
    {.name = "missing", .density = 0.6, .signed_values = true, .missing = true},
    {.name = "missing, sparse", .density = 0.1, .missing = true},
    {.name = "categorical", .density = 0.7, .categorical = true},
    {.name = "everything",
     .density = 0.6,
     .signed_values = true,
     .missing = true,
     .categorical = true,
     .float32_input = true},
    {.name = "float32", .density = 0.6, .signed_values = true, .float32_input = true},
    {.name = "query features only", .query_share = 1},
    {.name = "candidate features only", .query_share = 0},
};

TEST(PairsTest, AgreesWithDescendingEveryTree) {
  for (const PairsKind& kind : kPairsKinds) {
    for (unsigned seed = 0; seed < 5; ++seed) expect_agreement(kind, seed);
  }
}

TEST(PairsTest, AgreesForEveryNumberOfLeaves) {
  for (std::size_t leaves = 1; leaves <= 64; ++leaves) {
    expect_agreement({.name = std::to_string(leaves) + " leaves",
                      .trees = 20,
                      .leaves_min = leaves,
                      .leaves_max = leaves,
                      .density = 0.6},
                     static_cast<unsigned>(leaves));
  }
}

TEST(PairsTest, AgreesWhereATreeNeedsSeveralWords) {
  for (const std::size_t leaves : {65U, 127U, 128U, 129U, 500U, 3000U}) {
    expect_agreement({.name = std::to_string(leaves) + " leaves at most",
                      .trees = 12,
                      .leaves_min = leaves / 2,
                      .leaves_max = leaves,
                      .density = 0.6,
                      .signed_values = true,
                      .missing = true},
                     static_cast<unsigned>(leaves));
  }
}

TEST(PairsTest, AgreesForEveryNumberOfCandidates) {
  for (const std::size_t candidates :
       {1U, 7U, 8U, 9U, 31U, 32U, 33U, 64U, 65U, 96U, 97U, 182U, 1820U}) {
    expect_agreement(
        {.name = std::to_string(candidates) + " candidates", .trees = 60, .candidates = candidates},
        static_cast<unsigned>(candidates));
  }
}

// From a few classes a tree to nearly as many as candidates: each way to look a class up.
TEST(PairsTest, AgreesForManyClasses) {
  for (const std::size_t leaves : {8U, 16U, 24U, 40U, 64U, 200U}) {
    expect_agreement({.name = std::to_string(leaves) + " leaves, dense candidates",
                      .trees = 30,
                      .leaves_min = leaves,
                      .leaves_max = leaves,
                      .candidates = 700,
                      .density = 0.9,
                      .query_share = 0.2,
                      .signed_values = true},
                     static_cast<unsigned>(leaves));
  }
}

TEST(PairsTest, ScratchServesOneAfterTheOther) {
  const Maker small({.name = "small", .trees = 3, .candidates = 5}, 1);
  const Maker large({.name = "large", .trees = 300, .candidates = 200, .missing = true}, 2);
  for (const Variant variant : variants()) {
    const Pairs pairs_small = make(small, variant);
    const Pairs pairs_large = make(large, variant);
    Pairs::Scratch scratch;
    for (std::size_t q = 0; q < small.queries.indices.size(); ++q) {
      std::vector<double> scores(pairs_large.candidates());
      pairs_large.score(large.queries.row(q), scratch, scores);
      expect_same_bits(scores, plain_scores(large, large.queries.row(q)));
      scores.resize(pairs_small.candidates());
      pairs_small.score(small.queries.row(q), scratch, scores);
      expect_same_bits(scores, plain_scores(small, small.queries.row(q)));
    }
  }
}

TEST(PairsTest, IgnoresCandidateFeaturesOfTheQuery) {
  const Maker made({.name = "tf-idf"}, 3);
  const Pairs pairs = make(made, best_variant());
  std::vector<std::uint32_t> indices;
  for (std::uint32_t f = 0; f < Maker::kFeatures; ++f) indices.push_back(f);
  const std::vector<double> values(indices.size(), 0.35);
  Pairs::Scratch scratch;
  std::vector<double> scores(pairs.candidates());
  pairs.score({indices, values}, scratch, scores);
  expect_same_bits(scores, plain_scores(made, {indices, values}));
}

TEST(PairsTest, AnEnsembleOfNoTreesScoresZero) {
  const Maker made({.name = "no trees", .trees = 0}, 4);
  for (const Variant variant : variants()) {
    const Pairs pairs = make(made, variant);
    Pairs::Scratch scratch;
    std::vector<double> scores(pairs.candidates(), 1.0);
    pairs.score(made.queries.row(0), scratch, scores);
    expect_same_bits(scores, std::vector<double>(pairs.candidates(), 0.0));
  }
}

TEST(PairsTest, MemoryGrowsWithCandidatesByBits) {
  PairsKind kind{.name = "tf-idf", .trees = 200, .candidates = 1000};
  const std::size_t few = make(Maker(kind, 5), best_variant()).bytes();
  kind.candidates = 2000;
  const std::size_t many = make(Maker(kind, 5), best_variant()).bytes();
  EXPECT_GT(many, few);
  EXPECT_LT(many - few, 200U * 1000U * 2U);  // Two bytes a tree and candidate are far too many.
}

std::string refusal(const Ensemble& ensemble, std::span<const Side> sides,
                    std::span<const SparseRow> candidates, const PairsOptions& options = {}) {
  const auto pairs = Pairs::make(ensemble, sides, candidates, options);
  return pairs.ok() ? "made" : pairs.error().message();
}

TEST(PairsTest, RefusesSeveralOutputs) {
  Maker made({.name = "tf-idf"}, 6);
  made.ensemble.outputs = 3;
  EXPECT_EQ(refusal(made.ensemble, made.sides, made.candidates.all()),
            "pairs: expected an ensemble with one output, got 3");
}

TEST(PairsTest, RefusesSidesOfAnotherNumberOfFeatures) {
  Maker made({.name = "tf-idf"}, 7);
  made.sides.pop_back();
  EXPECT_EQ(refusal(made.ensemble, made.sides, made.candidates.all()),
            "pairs: expected the sides of 24 features, got 23");
}

TEST(PairsTest, RefusesNoCandidates) {
  const Maker made({.name = "tf-idf"}, 8);
  EXPECT_EQ(refusal(made.ensemble, made.sides, {}),
            "pairs: expected 1 to 4294967295 candidates, got 0");
}

TEST(PairsTest, RefusesRowsThatAreNotOfCandidateFeatures) {
  Ensemble ensemble;
  ensemble.features = 2;
  const std::vector<Side> sides{Side::Query, Side::Candidate};
  const std::vector<std::uint32_t> good{1};
  const std::vector<std::uint32_t> query{0};
  const std::vector<std::uint32_t> beyond{2};
  const std::vector<double> one{1.0};
  const std::vector<double> two{1.0, 2.0};
  EXPECT_EQ(refusal(ensemble, sides, std::vector<SparseRow>{{good, one}}), "made");
  EXPECT_EQ(refusal(ensemble, sides, std::vector<SparseRow>{{good, one}, {query, one}}),
            "pairs: candidate 1: feature 0: expected a candidate's, got the query's");
  EXPECT_EQ(refusal(ensemble, sides, std::vector<SparseRow>{{beyond, one}}),
            "pairs: candidate 0: expected a feature below 2, got 2");
  EXPECT_EQ(refusal(ensemble, sides, std::vector<SparseRow>{{good, two}}),
            "pairs: candidate 0: expected as many values as indices, got 2 and 1");
}

TEST(PairsTest, RefusesWhatTakesTooMuchMemory) {
  const Maker made({.name = "tf-idf", .leaves_min = 31}, 9);
  const auto pairs =
      Pairs::make(made.ensemble, made.sides, made.candidates.all(), {.bytes_max = 1000});
  ASSERT_FALSE(pairs.ok());
  EXPECT_EQ(pairs.error().code(), base::Code::Exhausted);
  EXPECT_EQ(pairs.error().message().rfind("pairs: tree 0: expected at most 1000 bytes for 50 "
                                          "candidates, got ",
                                          0),
            0U)
      << pairs.error().message();
}

// Nodes in a row, each with a leaf on its left.
Tree chain_of_leaves(std::size_t leaves) {
  Tree tree;
  for (std::size_t i = 0; i + 1 < leaves; ++i) {
    tree.nodes.push_back({.threshold = 0.5,
                          .left = ~static_cast<std::int32_t>(i),
                          .right = static_cast<std::int32_t>(i + 1)});
  }
  tree.nodes.back().right = ~static_cast<std::int32_t>(leaves - 1);
  tree.leaf_values.assign(leaves, 1.0);
  return tree;
}

TEST(PairsTest, RefusesATreeOfTooManyLeaves) {
  Ensemble ensemble;
  ensemble.features = 1;
  const std::vector<Side> sides{Side::Candidate};
  const std::vector<SparseRow> candidates(1);
  ensemble.trees.push_back(chain_of_leaves(Pairs::kLeavesMax));
  EXPECT_EQ(refusal(ensemble, sides, candidates), "made");
  ensemble.trees.push_back(chain_of_leaves(Pairs::kLeavesMax + 1));
  EXPECT_EQ(refusal(ensemble, sides, candidates),
            "pairs: tree 1: expected at most 65536 leaves, got 65537");
}

}  // namespace
}  // namespace forest
