#include "forest/traversal.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "forest/plain_score.h"
#include "forest/test_values.h"

namespace forest {
namespace {

struct ForestKind {
  const char* name = "";
  std::size_t trees = 30;
  std::size_t leaves_max = 40;
  std::size_t features = 7;
  std::size_t width = 1;
  std::size_t outputs = 1;
  bool missing = false;
  bool zero_missing = false;
  bool categorical = false;
  bool float32_input = false;
  bool float32_sum = false;
  bool chain = false;  // Each decision is below the one before.
};

const ForestKind kForestKinds[] = {
    {.name = "plain"},
    {.name = "one tree", .trees = 1},
    {.name = "as many trees as lanes, deep", .trees = 24, .leaves_max = 400},
    {.name = "stumps", .trees = 100, .leaves_max = 2},
    {.name = "shallow", .trees = 50, .leaves_max = 9, .missing = true},
    {.name = "shallow, float32",
     .trees = 50,
     .leaves_max = 9,
     .missing = true,
     .float32_input = true,
     .float32_sum = true},
    {.name = "a chain of decisions", .trees = 3, .leaves_max = 1500, .chain = true},
    {.name = "missing", .missing = true},
    {.name = "zero missing", .missing = true, .zero_missing = true},
    {.name = "categorical", .missing = true, .categorical = true},
    {.name = "all, several outputs",
     .outputs = 3,
     .missing = true,
     .zero_missing = true,
     .categorical = true},
    {.name = "wide leaves", .width = 3, .outputs = 4, .missing = true},
    {.name = "float32", .float32_input = true},
    {.name = "float32 sums", .missing = true, .float32_input = true, .float32_sum = true},
    {.name = "float32 sums, wide leaves",
     .width = 3,
     .outputs = 3,
     .float32_input = true,
     .float32_sum = true},
    {.name = "float32 sums, categorical",
     .outputs = 2,
     .missing = true,
     .categorical = true,
     .float32_input = true,
     .float32_sum = true},
    {.name = "float32, missing, wide leaves",
     .width = 2,
     .outputs = 2,
     .missing = true,
     .float32_input = true},
    {.name = "float32 with decisions a narrow node does not know",
     .missing = true,
     .zero_missing = true,
     .categorical = true,
     .float32_input = true},
    {.name = "float32 with too many features for narrow nodes",
     .leaves_max = 200,
     .features = 300000,
     .float32_input = true},
};

// Values that lie on, beside and far from each other and every threshold.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool chance(std::size_t of) { return below(of) == 0; }

  double value() {
    static constexpr double kOdd[] = {0.0,  -0.0,  1e-36,  -1e-36,       1e-35F,      -1e-35F,
                                      0.1,  0.1F,  -0.1,   -0.1F,        1e300,       -1e300,
                                      kInf, -kInf, 5e-324, 40,           16777217.0,  -0.5,
                                      2.5,  31,    32,     2147483648.0, 4294967297.0};
    if (chance(3)) return kOdd[below(std::size(kOdd))];
    return static_cast<double>(below(2000)) / 100.0 - 10.0;
  }

 private:
  std::mt19937 engine_;
};

Node random_node(Random& random, const ForestKind& kind, Ensemble& ensemble) {
  Node node;
  node.threshold = random.value();
  node.feature = static_cast<std::uint32_t>(random.below(kind.features));
  if (kind.missing) node.missing = random.chance(2) ? Missing::Nan : Missing::None;
  if (kind.zero_missing && random.chance(3)) node.missing = Missing::Zero;
  node.default_left = random.chance(2);
  node.categorical = kind.categorical && random.chance(3);
  if (node.categorical) {
    node.bits_begin = static_cast<std::uint32_t>(ensemble.bits.size());
    for (std::size_t i = random.below(4); i > 0; --i) {
      ensemble.bits.push_back(static_cast<std::uint32_t>(random.below(~0U)));
    }
    node.bits_end = static_cast<std::uint32_t>(ensemble.bits.size());
  }
  return node;
}

// Grows a tree as LightGBM does: a leaf becomes a node over itself and a new leaf.
Tree random_tree(Random& random, const ForestKind& kind, Ensemble& ensemble) {
  Tree tree;
  const std::size_t leaves = 1 + random.below(kind.leaves_max);
  std::vector<std::int32_t*> parents(1, nullptr);
  tree.nodes.reserve(leaves);
  for (std::size_t leaf = 1; leaf < leaves; ++leaf) {
    const std::size_t split = kind.chain ? leaf - 1 : random.below(leaf);
    const auto at = static_cast<std::int32_t>(tree.nodes.size());
    tree.nodes.push_back(random_node(random, kind, ensemble));
    if (parents[split] != nullptr) *parents[split] = at;
    Node& node = tree.nodes.back();
    node.left = ~static_cast<std::int32_t>(split);
    node.right = ~static_cast<std::int32_t>(leaf);
    parents[split] = &node.left;
    parents.push_back(&node.right);
  }
  for (std::size_t i = 0; i < leaves * kind.width; ++i) {
    const double value = static_cast<double>(random.below(1U << 30U)) / 3e8 - 1.7;
    tree.leaf_values.push_back(kind.float32_sum ? static_cast<double>(static_cast<float>(value))
                                                : value);
  }
  tree.output = static_cast<std::uint32_t>(random.below(kind.outputs - kind.width + 1));
  return tree;
}

Ensemble random_ensemble(Random& random, const ForestKind& kind) {
  Ensemble ensemble;
  ensemble.features = kind.features;
  ensemble.outputs = kind.outputs;
  ensemble.width = kind.width;
  ensemble.float32_input = kind.float32_input;
  ensemble.float32_sum = kind.float32_sum;
  for (std::size_t i = 0; i < kind.trees; ++i) {
    ensemble.trees.push_back(random_tree(random, kind, ensemble));
  }
  return ensemble;
}

std::vector<double> random_rows(Random& random, const Ensemble& ensemble, std::size_t count,
                                bool nan) {
  std::vector<double> rows(count * ensemble.features);
  for (double& x : rows) x = nan && random.chance(5) ? kNaN : random.value();
  // Thresholds themselves, and what rounds to them.
  for (const Tree& tree : ensemble.trees) {
    if (tree.nodes.empty() || count == 0) continue;
    const Node& node = tree.nodes[random.below(tree.nodes.size())];
    double& x = rows[random.below(count) * ensemble.features + node.feature];
    x = random.chance(2) ? node.threshold : std::nextafter(node.threshold, kInf);
  }
  return rows;
}

std::vector<double> plain_scores(const Ensemble& ensemble, std::span<const double> rows) {
  std::vector<double> raw;
  for (std::size_t at = 0; at < rows.size(); at += ensemble.features) {
    const auto of_row = plain_score(ensemble, rows.subspan(at, ensemble.features));
    raw.insert(raw.end(), of_row.begin(), of_row.end());
  }
  return raw;
}

TEST(ForestTest, GivesTheBitsOfThePlainDefinition) {
  Scratch scratch;
  for (const ForestKind& kind : kForestKinds) {
    SCOPED_TRACE(kind.name);
    Random random(7);
    const Ensemble ensemble = random_ensemble(random, kind);
    const auto forest = Forest::make(ensemble);
    ASSERT_TRUE(forest.ok()) << forest.error().message();
    const bool huge = kind.features > 1000;
    for (const std::size_t count : {1U, 2U, 15U, 16U, 17U, 64U, 65U, 150U}) {
      if (huge && count > 17) continue;
      for (const bool nan : {false, true}) {
        const auto rows = random_rows(random, ensemble, count, nan);
        std::vector<double> raw(count * ensemble.outputs, 99.0);
        forest->score(rows, raw, scratch);
        expect_same_bits(raw, plain_scores(ensemble, rows));
      }
    }
  }
}

TEST(ForestTest, ScoresASparseRowAsItsDenseForm) {
  Scratch scratch;
  for (const ForestKind& kind : kForestKinds) {
    SCOPED_TRACE(kind.name);
    Random random(11);
    const Ensemble ensemble = random_ensemble(random, kind);
    const auto forest = Forest::make(ensemble);
    ASSERT_TRUE(forest.ok());
    for (int round = 0; round < 20; ++round) {
      std::vector<std::uint32_t> indices;
      std::vector<double> values;
      std::vector<double> dense(kind.features, 0.0);
      for (std::uint32_t i = 0; i < kind.features && indices.size() < 50; ++i) {
        if (!random.chance(3)) continue;
        indices.push_back(i);
        values.push_back(round % 2 == 0 && random.chance(4) ? kNaN : random.value());
        dense[i] = values.back();
      }
      std::vector<double> raw(kind.outputs);
      forest->score_sparse(indices, values, raw, scratch);
      expect_same_bits(raw, plain_score(ensemble, dense));
    }
  }
}

TEST(ForestTest, AddsTheTreesInTheirOrder) {
  Ensemble ensemble;
  ensemble.features = 1;
  for (const double value : {1e16, 1.0, -1e16, 1.0}) {
    Tree tree;
    tree.leaf_values = {value};
    ensemble.trees.push_back(tree);
  }
  const auto forest = Forest::make(ensemble);
  ASSERT_TRUE(forest.ok());
  Scratch scratch;
  double raw = 0;
  forest->score(std::vector<double>{0}, {&raw, 1}, scratch);
  EXPECT_EQ(raw, 1.0);
}

TEST(ForestTest, RoundsARowToFloatOnlyWhereTheEnsembleSaysSo) {
  Ensemble ensemble;
  ensemble.features = 1;
  Tree tree;
  Node node;
  node.threshold = 0.1F;
  node.left = ~0;
  node.right = ~1;
  tree.nodes = {node};
  tree.leaf_values = {-1, 1};
  ensemble.trees.push_back(tree);
  Scratch scratch;
  const std::vector<double> row = {std::nextafter(static_cast<double>(0.1F), 1.0)};
  for (const auto& [float32, wanted] : {std::pair{true, -1.0}, {false, 1.0}}) {
    ensemble.float32_input = float32;
    double raw = 0;
    Forest::make(ensemble)->score(row, {&raw, 1}, scratch);
    EXPECT_EQ(raw, wanted);
  }
}

TEST(ForestTest, ScoresWithoutTreesOrFeatures) {
  Ensemble ensemble;
  Scratch scratch;
  std::vector<double> raw = {5, 5};
  Forest::make(ensemble)->score({}, raw, scratch);
  EXPECT_EQ(raw, (std::vector<double>{0, 0}));
  Tree leaf;
  leaf.leaf_values = {2.5};
  ensemble.trees = {leaf, leaf};
  Forest::make(ensemble)->score({}, raw, scratch);
  EXPECT_EQ(raw, (std::vector<double>{5, 5}));
  Forest::make(ensemble)->score({}, {}, scratch);
}

TEST(ForestTest, RefusesWhatCheckRefusesAndTooManyFeatures) {
  Ensemble ensemble;
  ensemble.trees.emplace_back();
  EXPECT_EQ(Forest::make(ensemble).error().message(),
            "tree 0: expected 1 leaf values for 0 nodes, got 0");
  ensemble.trees.clear();
  ensemble.features = kFeaturesMax + 1;
  const auto forest = Forest::make(ensemble);
  ASSERT_FALSE(forest.ok());
  EXPECT_EQ(forest.error().code(), base::Code::Unsupported);
  EXPECT_EQ(forest.error().message(), "expected at most 268435454 features, got 268435455");
}

TEST(PackedTest, KeysKeepTheOrderOfNumbers) {
  const double ascending[] = {-kInf, -1e300, -1.5, -5e-324, 0.0, 5e-324, 1.5, 1e300, kInf};
  for (std::size_t i = 1; i < std::size(ascending); ++i) {
    EXPECT_LT(key_of<std::int64_t>(ascending[i - 1]), key_of<std::int64_t>(ascending[i]));
    EXPECT_LE(key_of<std::int32_t>(ascending[i - 1]), key_of<std::int32_t>(ascending[i]));
    EXPECT_EQ(number_of(key_of<std::int64_t>(ascending[i])), ascending[i]);
  }
  EXPECT_EQ(key_of<std::int64_t>(-0.0), key_of<std::int64_t>(0.0));
  EXPECT_EQ(key_of<std::int32_t>(-0.0), key_of<std::int32_t>(0.0));
  EXPECT_EQ(key_of<std::int64_t>(-kNaN), kNan<std::int64_t>);
  EXPECT_GT(kNan<std::int64_t>, key_of<std::int64_t>(kInf));
  EXPECT_LT(kNever<std::int64_t>, key_of<std::int64_t>(-kInf));
}

}  // namespace
}  // namespace forest
