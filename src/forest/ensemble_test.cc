#include "forest/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "forest/test_values.h"

namespace forest {
namespace {

Node decision(std::int32_t left, std::int32_t right) {
  Node node;
  node.threshold = 0.5;
  node.left = left;
  node.right = right;
  return node;
}

// Node 0 over node 1 and leaf 0; node 1 over leaves 1 and 2.
Ensemble two_decisions() {
  Ensemble ensemble;
  ensemble.features = 3;
  Tree tree;
  tree.nodes = {decision(1, ~0), decision(~1, ~2)};
  tree.leaf_values = {1, 2, 3};
  ensemble.trees.push_back(tree);
  return ensemble;
}

TEST(CheckTest, AcceptsATreeAndASingleLeaf) {
  Ensemble ensemble = two_decisions();
  Tree leaf;
  leaf.leaf_values = {7};
  ensemble.trees.push_back(leaf);
  EXPECT_TRUE(check(ensemble).ok());
  EXPECT_TRUE(check(Ensemble{}).ok());
}

TEST(CheckTest, SaysWhatDoesNotFit) {
  const struct {
    std::function<void(Ensemble&)> spoil;
    std::string message;
  } cases[] = {
      {[](Ensemble& e) { e.width = 0; },
       "expected at least one output and one value per leaf, got none"},
      {[](Ensemble& e) { e.trees[0].nodes[1].feature = 3; },
       "tree 0: node 1: expected a feature below 3, got 3"},
      {[](Ensemble& e) { e.trees[0].nodes[0].threshold = kNaN; },
       "tree 0: node 0: expected a threshold, got NaN"},
      {[](Ensemble& e) { e.trees[0].leaf_values.pop_back(); },
       "tree 0: expected 3 leaf values for 2 nodes, got 2"},
      {[](Ensemble& e) { e.trees[0].nodes[0].left = 2; }, "tree 0: expected node below 2, got 2"},
      {[](Ensemble& e) { e.trees[0].nodes[1].right = ~3; }, "tree 0: expected leaf below 3, got 3"},
      {[](Ensemble& e) { e.trees[0].nodes[1].right = std::numeric_limits<std::int32_t>::min(); },
       "tree 0: expected leaf below 3, got 2147483647"},
      {[](Ensemble& e) { e.trees[0].nodes[1].left = 0; }, "tree 0: node 0 is reached twice"},
      {[](Ensemble& e) { e.trees[0].nodes[1].left = 1; }, "tree 0: node 1 is reached twice"},
      {[](Ensemble& e) { e.trees[0].nodes[1].right = ~0; }, "tree 0: leaf 0 is reached twice"},
      {[](Ensemble& e) { e.trees[0].nodes[0].left = ~1; },
       "tree 0: expected 5 nodes and leaves in reach of the root, got 3"},
      {[](Ensemble& e) { e.trees[0].output = 1; }, "tree 0: expected outputs [1, 1 + 1) among 1"},
      {[](Ensemble& e) {
         e.trees[0].nodes[0].categorical = true;
         e.trees[0].nodes[0].bits_end = 1;
       },
       "tree 0: node 0: expected a bit set inside 0 words, got [0, 1)"},
      {[](Ensemble& e) {
         e.bits = {1, 2};
         e.trees[0].nodes[0].categorical = true;
         e.trees[0].nodes[0].bits_begin = 2;
         e.trees[0].nodes[0].bits_end = 1;
       },
       "tree 0: node 0: expected a bit set inside 2 words, got [2, 1)"},
  };
  for (const auto& c : cases) {
    Ensemble ensemble = two_decisions();
    c.spoil(ensemble);
    const auto outcome = check(ensemble);
    ASSERT_FALSE(outcome.ok()) << c.message;
    EXPECT_EQ(outcome.error().message(), c.message);
    EXPECT_EQ(outcome.error().code(), base::Code::Corrupt);
  }
}

Ensemble chain_of_depth(std::size_t depth) {
  Ensemble ensemble;
  ensemble.features = 1;
  Tree tree;
  for (std::size_t i = 0; i < depth; ++i) {
    const auto at = static_cast<std::int32_t>(i);
    tree.nodes.push_back(decision(i + 1 < depth ? at + 1 : ~at - 1, ~at));
  }
  tree.leaf_values.assign(depth + 1, 1.0);
  ensemble.trees.push_back(tree);
  return ensemble;
}

TEST(CheckTest, BoundsTheDepth) {
  EXPECT_TRUE(check(chain_of_depth(kDepthMax)).ok());
  const auto outcome = check(chain_of_depth(kDepthMax + 1));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message(), "tree 0: expected at most 65536 decisions in a row");
}

TEST(GoesLeftTest, ComparesNumbersAndPlacesMissingOnes) {
  const double tiny = kZeroThreshold;
  const struct {
    Missing missing;
    bool default_left;
    double threshold;
    double x;
    bool left;
  } cases[] = {
      {Missing::None, false, 0.5, 0.5, true},
      {Missing::None, false, 0.5, 0.6, false},
      {Missing::None, false, 0.5, kNaN, true},   // NaN is 0
      {Missing::None, true, -0.5, kNaN, false},  // whatever the default
      {Missing::None, false, 0.0, -0.0, true},
      {Missing::None, false, kInf, kInf, true},
      {Missing::None, false, -kInf, -kInf, true},
      {Missing::Zero, true, -1, 0.0, true},
      {Missing::Zero, true, -1, tiny, true},
      {Missing::Zero, true, -1, -tiny, true},
      {Missing::Zero, true, -1, std::nextafter(tiny, 1.0), false},
      {Missing::Zero, false, 1, 0.0, false},
      {Missing::Zero, true, -1, kNaN, true},
      {Missing::Zero, false, 1, kNaN, false},
      {Missing::Nan, true, -1, kNaN, true},
      {Missing::Nan, false, 1, kNaN, false},
      {Missing::Nan, true, -1, 0.0, false},
  };
  for (const auto& c : cases) {
    Node node;
    node.missing = c.missing;
    node.default_left = c.default_left;
    node.threshold = c.threshold;
    EXPECT_EQ(goes_left(node, {}, c.x), c.left) << c.x << " against " << c.threshold;
  }
}

TEST(GoesLeftTest, LooksUpTheIntegerPartOfACategory) {
  const std::uint32_t bits[] = {0xFFFFFFFFU, (1U << 0U) | (1U << 2U), 1U << 31U, 0xFFFFFFFFU};
  Node node;
  node.categorical = true;
  node.bits_begin = 1;
  node.bits_end = 3;
  const struct {
    double x;
    bool left;
  } cases[] = {
      {0, true},
      {1, false},
      {2, true},
      {2.7, true},
      {-0.0, true},
      {-0.9, true},
      {-1, false},
      {-7, false},
      {63, true},
      {63.9, true},
      {64, false},
      {1e6, false},
      {kNaN, false},
      {4294967296.0, false},
      {2147483648.0, false},
      {kInf, false},
      {-kInf, false},
  };
  for (const auto& c : cases) EXPECT_EQ(goes_left(node, bits, c.x), c.left) << c.x;
}

TEST(GoesLeftTest, SendsAMissingCategoryByDefaultOnlyWhereNanIsMissing) {
  Node node;
  node.categorical = true;
  node.default_left = true;
  for (const auto& [missing, left] :
       {std::pair{Missing::None, false}, {Missing::Zero, false}, {Missing::Nan, true}}) {
    node.missing = missing;
    EXPECT_EQ(goes_left(node, {}, kNaN), left);
  }
}

}  // namespace
}  // namespace forest
