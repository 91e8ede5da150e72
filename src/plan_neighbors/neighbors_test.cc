#include "plan_neighbors/neighbors.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plan/test_run.h"
#include "plan_dense/squared_distance.h"
#include "plan_neighbors/neighbor_answers.h"
#include "plan_neighbors/neighbor_tree.h"
#include "plan_neighbors/tree_density.h"

namespace plan {
namespace {

using Numbers = std::vector<double>;

Matrix stored_rows(std::size_t columns, Numbers values) {
  return {values.size() / columns, columns, std::move(values)};
}

// Six rows on a line, in a KDTree of two leaves.
NeighborTree line_tree() {
  NeighborTree tree;
  tree.rows = stored_rows(1, {0, 1, 2, 10, 11, 12});
  tree.order = {2, 1, 0, 3, 4, 5};
  tree.nodes = {{.first = 0, .last = 6, .leaf = false},
                {.first = 0, .last = 3, .leaf = true},
                {.first = 3, .last = 6, .leaf = true}};
  tree.lower = {0, 0, 10};
  tree.upper = {12, 2, 12};
  return tree;
}

std::string tree_refusal(const NeighborTree& tree) {
  const auto made = make_tree_index(tree);
  return made.ok() ? "accepted" : made.error().message();
}

TEST(NearestTest, KeepsTheFirstOfEqualsAndSorts) {
  for (const NeighborSort sort : {NeighborSort::Quick, NeighborSort::Intro}) {
    Nearest nearest;
    nearest.start(3);
    const Numbers distances = {5, 2, 2, 9, 2, 1};
    for (std::size_t i = 0; i < distances.size(); ++i) {
      if (distances[i] < nearest.limit()) nearest.push(distances[i], static_cast<int>(i));
    }
    nearest.sort(sort);
    EXPECT_EQ(nearest.distances(), (Numbers{1, 2, 2}));
    EXPECT_EQ(nearest.rows().front(), 5);
  }
}

TEST(NearestTest, SortsAnyNumberBothWays) {
  for (const std::size_t count : {2U, 3U, 16U, 100U, 5000U}) {
    for (const NeighborSort sort : {NeighborSort::Quick, NeighborSort::Intro}) {
      Nearest nearest;
      nearest.start(count);
      for (std::size_t i = 0; i < count; ++i) {
        nearest.push(static_cast<double>(i * 7919 % 101), static_cast<std::int64_t>(i));
      }
      nearest.sort(sort);
      for (std::size_t i = 0; i < count; ++i) {
        const double distance = nearest.distances()[i];
        EXPECT_EQ(distance, static_cast<double>(nearest.rows()[i] * 7919 % 101));
        EXPECT_TRUE(i == 0 || nearest.distances()[i - 1] <= distance);
      }
    }
  }
}

TEST(FindNeighborsTest, FindsTheSameInATreeAndAmongAll) {
  const auto tree = make_tree_index(line_tree());
  ASSERT_TRUE(tree.ok());
  const auto brute = make_brute_index({}, line_tree().rows);
  for (const auto& index : {*tree, brute}) {
    const FindNeighbors find(index, 2, NeighborSort::Intro);
    EXPECT_EQ(test_run::answer(find, 1, {1.75, 9, 100}),
              (Numbers{0.25, 0.75, 2, 1, 1, 2, 3, 4, 88, 89, 5, 4}));
  }
}

TEST(NeighborTreeTest, RefusesOneThatIsNoTree) {
  EXPECT_EQ(tree_refusal(line_tree()), "accepted");
  NeighborTree tree = line_tree();
  tree.nodes[1].last = 4;
  EXPECT_EQ(tree_refusal(tree),
            "tree of neighbours: expected children that share out what their parent has, got "
            "another");
  tree = line_tree();
  tree.nodes.pop_back();
  tree.lower.pop_back();
  tree.upper.pop_back();
  EXPECT_NE(tree_refusal(tree), "accepted");
  tree = line_tree();
  tree.order[3] = 6;
  EXPECT_EQ(tree_refusal(tree), "tree of neighbours: expected indices of rows, got another");
  tree = line_tree();
  tree.lower.pop_back();
  EXPECT_EQ(tree_refusal(tree), "tree of neighbours: expected bounds for each node, got another");
}

TEST(MetricTest, IsTheDistanceOfItsName) {
  const Numbers x = {1, 0, 3};
  const Numbers y = {2, 0, 1};
  const auto between = [&](Metric metric) {
    return metric.distance(metric.reduced(x.data(), y.data(), x.size()));
  };
  EXPECT_EQ(between({.kind = MetricKind::Euclidean}), std::sqrt(5.0));
  EXPECT_EQ(between({.kind = MetricKind::Manhattan}), 3);
  EXPECT_EQ(between({.kind = MetricKind::Chebyshev}), 2);
  EXPECT_NEAR(between({.kind = MetricKind::Minkowski, .p = 3}), std::cbrt(9.0), 1e-15);
  EXPECT_NEAR(between({.kind = MetricKind::Minkowski, .p = 3, .weights = {1, 1, 2}}),
              std::cbrt(17.0), 1e-15);
  EXPECT_NEAR(between({.kind = MetricKind::Cosine}), 1 - 5 / std::sqrt(50.0), 1e-15);
  EXPECT_NEAR(between({.kind = MetricKind::Canberra}), 1.0 / 3 + 0.5, 1e-15);
  EXPECT_NEAR(between({.kind = MetricKind::BrayCurtis}), 3.0 / 7, 1e-15);
  EXPECT_NEAR(between({.kind = MetricKind::Hamming}), 2.0 / 3, 1e-15);
  EXPECT_EQ(between({.kind = MetricKind::Jaccard}), 0);
}

// Two neighbours at 1 and 3 of classes 1 and 0.
TEST(MetricTest, OfManyRowsHasTheBitsOfEach) {
  constexpr std::size_t kRowCount = 11;
  constexpr std::size_t kWidth = 7;
  std::vector<double> x;
  std::vector<double> rows;
  for (std::size_t f = 0; f < kWidth; ++f) x.push_back(std::sin(1.7 * static_cast<double>(f)));
  for (std::size_t k = 0; k < kRowCount * kWidth; ++k) {
    rows.push_back(std::cos(0.3 * static_cast<double>(k)) * 1e3);
  }
  for (const MetricKind kind : {MetricKind::Euclidean, MetricKind::SquaredEuclidean,
                                MetricKind::Manhattan, MetricKind::Chebyshev}) {
    const Metric metric{.kind = kind};
    std::vector<double> all(kRowCount);
    metric.reduced_each(x.data(), rows.data(), {.rows = kRowCount, .features = kWidth}, all.data());
    for (std::size_t i = 0; i < kRowCount; ++i) {
      EXPECT_EQ(all[i], metric.reduced(x.data(), rows.data() + i * kWidth, kWidth));
    }
  }
}

TEST(NeighborVoteTest, CountsNeighboursAlikeOrByDistance) {
  const NeighborLabels labels{.classes = {2}, .codes = {0, 1}, .rows = 2};
  const Numbers neighbours = {1, 3, 1, 0};
  const auto vote = [&](NeighborWeights weights, bool shares, Numbers from) {
    return test_run::answer(NeighborVote(labels, {.weights = weights, .shares = shares}), 4,
                            std::move(from));
  };
  EXPECT_EQ(vote(NeighborWeights::Uniform, true, neighbours), (Numbers{0.5, 0.5}));
  EXPECT_EQ(vote(NeighborWeights::Uniform, false, neighbours), Numbers{0});
  EXPECT_EQ(vote(NeighborWeights::Distance, false, neighbours), Numbers{1});
  EXPECT_EQ(vote(NeighborWeights::Distance, true, {0, 3, 1, 0}), (Numbers{0, 1}));
}

TEST(NeighborVoteTest, RefusesARowWithoutNeighbours) {
  const NeighborLabels labels{.classes = {2}, .codes = {0, 1}, .rows = 2};
  const double none = std::numeric_limits<double>::infinity();
  NeighborVote::Options options{.within_radius = true};
  EXPECT_EQ(test_run::refusal(NeighborVote(labels, options), 2, {1, 2, none, none}),
            "row 1: expected a neighbour within the radius, got none");
  options.outlier = {1};
  options.shares = true;
  EXPECT_EQ(test_run::answer(NeighborVote(labels, options), 2, {none, none}), (Numbers{0, 1}));
}

TEST(NeighborMeanTest, WeighsTargets) {
  const Matrix targets = stored_rows(1, {10, 40});
  const Numbers neighbours = {1, 2, 0, 1};
  EXPECT_EQ(test_run::answer(NeighborMean(targets, NeighborWeights::Uniform, false), 4, neighbours),
            Numbers{25});
  EXPECT_EQ(
      test_run::answer(NeighborMean(targets, NeighborWeights::Distance, false), 4, neighbours),
      Numbers{20});
}

// The density of the line's six rows at x, straight from its definition.
double line_density(double x) {
  double sum = 0;
  for (const double row : {0, 1, 2, 10, 11, 12}) sum += std::exp(-0.5 * (x - row) * (x - row));
  return std::log(sum / 6 / std::sqrt(2 * std::numbers::pi));
}

TEST(TreeDensityTest, IsTheSumOfKernelsWhicheverNodeComesFirst) {
  for (const bool breadth_first : {true, false}) {
    const auto density = TreeDensity::make(line_tree(), {.breadth_first = breadth_first});
    ASSERT_TRUE(density.ok());
    const Numbers found = test_run::answer(**density, 1, {1.5, 6, 30});
    EXPECT_NEAR(found[0], line_density(1.5), 1e-9);
    EXPECT_NEAR(found[1], line_density(6), 1e-7);
    EXPECT_NEAR(found[2], line_density(30), 1e-7);
  }
}

TEST(TreeDensityTest, StopsWhereItIsNearEnough) {
  const auto density = TreeDensity::make(line_tree(), {.relative = 1e40});
  ASSERT_TRUE(density.ok());
  // The middle between no row at all and six rows at the place itself.
  EXPECT_NEAR(test_run::answer(**density, 1, {1.5})[0],
              std::log(0.5 / std::sqrt(2 * std::numbers::pi)), 1e-9);
}

TEST(TreeDensityTest, WeighsRowsAndRefusesWhatIsNoTree) {
  const auto density =
      TreeDensity::make(line_tree(), {.bandwidth = 0.1, .weights = {1, 1, 1, 1, 1, 5}});
  ASSERT_TRUE(density.ok());
  EXPECT_NEAR(test_run::answer(**density, 1, {12})[0],
              std::log(0.5 / 0.1 / std::sqrt(2 * std::numbers::pi)), 1e-9);
  NeighborTree tree = line_tree();
  tree.order[0] = 9;
  EXPECT_FALSE(TreeDensity::make(tree, {}).ok());
}

TEST(SquaredDistanceTest, AddsAsNumPyAndBlasDo) {
  const Numbers x = {1e8, 1, 1e-8, 3};
  EXPECT_EQ(einsum_square(x.data(), x.size()), (1e16 + 1e-16) + (1.0 + 9.0));
  EXPECT_EQ(fused_square(x.data(), 2), 1e16);
  EXPECT_EQ(squared_distance(6, 4, 9), 1);
  EXPECT_EQ(squared_distance(1e16 + 2, 1e16, 1e16), 0);
}

}  // namespace
}  // namespace plan
