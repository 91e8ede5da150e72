#include "forest/forest_maker.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace forest {
namespace {

TEST(ForestMakerTest, TakesTreesOneByOneAndSaysWhatIsWrong) {
  Ensemble ensemble;
  ensemble.features = 1;
  Tree leaf;
  leaf.leaf_values = {2.5};
  Tree categorical;
  categorical.nodes = {{.left = ~0, .right = ~1, .categorical = true}};
  categorical.leaf_values = {1, 2};
  const auto maker = ForestMaker::start(ensemble, 4, true);
  ASSERT_TRUE(maker.ok());
  ASSERT_TRUE((*maker)->add(leaf).ok());
  EXPECT_EQ((*maker)->add(Tree{}).error().message(), "expected 1 leaf values for 0 nodes, got 0");
  EXPECT_EQ((*maker)->add(categorical).error().message(),
            "expected a plain tree, as was said, got another");
  ASSERT_TRUE((*maker)->add(leaf).ok());
  Scratch scratch;
  double raw = 0;
  const std::vector<double> row = {1};
  std::move(**maker).finish().score(row, {&raw, 1}, scratch);
  EXPECT_EQ(raw, 5);
}

TEST(ForestMakerTest, RefusesMoreNodesThanTheirNumbersHaveRoomFor) {
  Ensemble ensemble;
  ensemble.features = kFeaturesMax;
  ensemble.float32_input = true;
  Tree leaf;
  leaf.leaf_values = {2.5};
  EXPECT_FALSE(ForestMaker::start(ensemble, kChildrenMax + 1, true).ok());
  // Narrow nodes have three bits left for them.
  const auto maker = ForestMaker::start(ensemble, 6, true);
  ASSERT_TRUE(maker.ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE((*maker)->add(leaf).ok());
  const auto refused = (*maker)->add(leaf);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::Code::Unsupported);
  EXPECT_EQ(refused.error().message(),
            "expected fewer nodes, got as many as no number of 32 bits is left for");
}

}  // namespace
}  // namespace forest
