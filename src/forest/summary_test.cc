#include "forest/summary.h"

#include <gtest/gtest.h>

namespace forest {
namespace {

TEST(SummaryTest, CountsAndDescribes) {
  Ensemble ensemble;
  ensemble.features = 4;
  ensemble.outputs = ensemble.width = 2;
  ensemble.bits = {1};
  Tree tree;
  Node top;
  top.left = 1;
  top.right = ~0;
  Node below;
  below.left = ~1;
  below.right = ~2;
  below.categorical = true;
  below.bits_end = 1;
  tree.nodes = {top, below};
  tree.leaf_values.assign(6, 0.5);
  Tree leaf;
  leaf.leaf_values = {1, 2};
  ensemble.trees = {tree, leaf};
  ASSERT_TRUE(check(ensemble).ok());
  const Summary summary = summarize(ensemble);
  EXPECT_EQ(summary, (Summary{.trees = 2,
                              .nodes = 2,
                              .categorical = 1,
                              .leaves = 4,
                              .depth = 2,
                              .features = 4,
                              .outputs = 2}));
  EXPECT_EQ(describe(summary),
            "2 trees, 2 decisions (1 categorical), 4 leaves, depth 2, 4 features, 2 outputs");
}

TEST(SummaryTest, DescribesAnEmptyEnsemble) {
  EXPECT_EQ(describe(summarize(Ensemble{})),
            "0 trees, 0 decisions, 0 leaves, depth 0, 0 features, 1 outputs");
}

}  // namespace
}  // namespace forest
