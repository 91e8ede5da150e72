#include "forest/sklearn_tree.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

#include "forest/plain_score.h"
#include "forest/traversal.h"

namespace forest {
namespace {

// x0 <= 0.5 ? (x1 <= -2 ? leaf 2 : leaf 3) : leaf 4, numbered as scikit-learn does.
struct Arrays {
  std::vector<std::int64_t> left = {1, 2, -1, -1, -1};
  std::vector<std::int64_t> right = {4, 3, -1, -1, -1};
  std::vector<std::int64_t> feature = {0, 1, -2, -2, -2};
  std::vector<double> threshold = {0.5, -2, -2, -2, -2};
  std::vector<std::uint8_t> missing = {0, 1, 0, 0, 0};
  std::vector<double> values = {9, 9, 9, 9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6};

  SklearnTree view() const { return {left, right, feature, threshold, missing, values}; }
};

Ensemble ensemble_of(Tree tree) {
  Ensemble ensemble;
  ensemble.features = 2;
  ensemble.outputs = ensemble.width = 2;
  ensemble.float32_input = true;
  ensemble.trees.push_back(std::move(tree));
  return ensemble;
}

TEST(SklearnTreeTest, LeadsEachRowToItsLeaf) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const Arrays arrays;
  const auto tree = make_sklearn_tree(arrays.view(), 2);
  ASSERT_TRUE(tree.ok()) << tree.error().message();
  const Ensemble ensemble = ensemble_of(*tree);
  const auto forest = Forest::make(ensemble);
  ASSERT_TRUE(forest.ok()) << forest.error().message();
  const struct {
    std::vector<double> row;
    std::vector<double> wanted;
  } cases[] = {
      {{0.5, -2}, {0.2, 0.8}},       {{0.5, -1.999}, {0.3, 0.7}},
      {{0.50000001, 0}, {0.3, 0.7}},  // 0.5 as a float
      {{0.6, 0}, {0.4, 0.6}},        {{kNaN, 0}, {0.4, 0.6}},
      {{0, kNaN}, {0.2, 0.8}},
  };
  Scratch scratch;
  for (const auto& c : cases) {
    std::vector<double> raw(2);
    forest->score(c.row, raw, scratch);
    EXPECT_EQ(raw, c.wanted);
    EXPECT_EQ(plain_score(ensemble, c.row), c.wanted);
  }
}

TEST(SklearnTreeTest, SendsNanRightWhereNothingIsSaid) {
  Arrays arrays;
  arrays.missing.clear();
  const auto tree = make_sklearn_tree(arrays.view(), 2);
  ASSERT_TRUE(tree.ok());
  const std::vector<double> row = {0, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(plain_score(ensemble_of(*tree), row), (std::vector<double>{0.3, 0.7}));
}

TEST(SklearnTreeTest, TakesASingleLeaf) {
  const std::vector<std::int64_t> none = {-1};
  const std::vector<double> values = {3, 4};
  const std::vector<double> threshold = {-2};
  const auto tree = make_sklearn_tree({none, none, none, threshold, {}, values}, 2);
  ASSERT_TRUE(tree.ok());
  EXPECT_TRUE(check(ensemble_of(*tree)).ok());
  EXPECT_EQ(tree->leaf_values, values);
}

TEST(SklearnTreeTest, SaysWhatDoesNotFit) {
  const struct {
    std::function<void(Arrays&)> spoil;
    std::string message;
  } cases[] = {
      {[](Arrays& a) { a.left.clear(); }, "expected 1 to 2^31 - 1 nodes, got 0"},
      {[](Arrays& a) { a.right.pop_back(); }, "\"children_right\": expected 5 elements, got 4"},
      {[](Arrays& a) { a.feature.pop_back(); }, "\"feature\": expected 5 elements, got 4"},
      {[](Arrays& a) { a.threshold.pop_back(); }, "\"threshold\": expected 5 elements, got 4"},
      {[](Arrays& a) { a.missing.pop_back(); },
       "\"missing_go_to_left\": expected 5 elements, got 4"},
      {[](Arrays& a) { a.values.resize(11); }, "\"values\": expected 10 elements, got 11"},
      {[](Arrays& a) { a.values.resize(5); }, "\"values\": expected 5 x 2 elements, got 5"},
      {[](Arrays& a) { a.right[1] = 5; }, "node 1: expected a child below 5, got 5"},
      {[](Arrays& a) { a.right[1] = -1; }, "node 1: expected a child below 5, got -1"},
      {[](Arrays& a) { a.left[1] = -7; }, "node 1: expected a child below 5, got -7"},
      {[](Arrays& a) { a.feature[0] = -2; }, "node 0: expected a feature, got -2"},
  };
  for (const auto& c : cases) {
    Arrays arrays;
    c.spoil(arrays);
    const auto tree = make_sklearn_tree(arrays.view(), 2);
    ASSERT_FALSE(tree.ok()) << c.message;
    EXPECT_EQ(tree.error().message(), c.message);
  }
}

TEST(SklearnTreeTest, LeavesCyclesToCheck) {
  Arrays arrays;
  arrays.left[1] = 0;
  const auto tree = make_sklearn_tree(arrays.view(), 2);
  ASSERT_TRUE(tree.ok());
  EXPECT_FALSE(Forest::make(ensemble_of(*tree)).ok());
}

}  // namespace
}  // namespace forest
