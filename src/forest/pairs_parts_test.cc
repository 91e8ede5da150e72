#include <gtest/gtest.h>

#include <numeric>

#include "forest/pairs_kernels.h"
#include "forest/pairs_leaves.h"
#include "forest/pairs_query.h"
#include "forest/pairs_reach.h"

namespace forest {
namespace {

Node node(std::uint32_t feature, double threshold, std::int32_t left, std::int32_t right) {
  return {.threshold = threshold, .feature = feature, .left = left, .right = right};
}

//            0: q <= 1
//           /         \.
//     leaf 2           1: c <= 0.5
//                     /            \.
//             2: q <= -1          leaf 1
//            /          \.
//       leaf 3        leaf 0
Ensemble example() {
  Ensemble ensemble;
  ensemble.features = 2;
  ensemble.trees.push_back({.nodes = {node(0, 1, ~2, 1), node(1, 0.5, 2, ~1), node(0, -1, ~3, ~0)},
                            .leaf_values = {10, 11, 12, 13}});
  return ensemble;
}

const std::vector<Side> kSides{Side::Query, Side::Candidate};

TEST(LeafOrderTest, NumbersLeavesFromLeftToRight) {
  const LeafOrder order = order_leaves(example().trees[0]);
  EXPECT_EQ(order.leaves, (std::vector<std::uint32_t>{2, 3, 0, 1}));
  const LeafRun expected[] = {{0, 1, 4}, {1, 3, 4}, {1, 2, 3}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(order.runs[i].begin, expected[i].begin) << i;
    EXPECT_EQ(order.runs[i].middle, expected[i].middle) << i;
    EXPECT_EQ(order.runs[i].end, expected[i].end) << i;
  }
}

TEST(LeafOrderTest, ATreeWithoutNodesHasOneLeaf) {
  EXPECT_EQ(order_leaves({.leaf_values = {1}}).leaves, std::vector<std::uint32_t>{0});
}

TEST(LeafOrderTest, RunBitsAreThoseOfOneWord) {
  EXPECT_EQ(run_bits(0, 0, 0), 0U);
  EXPECT_EQ(run_bits(1, 3, 0), 0b110U);
  EXPECT_EQ(run_bits(0, 64, 0), ~std::uint64_t{0});
  EXPECT_EQ(run_bits(63, 66, 0), std::uint64_t{1} << 63U);
  EXPECT_EQ(run_bits(63, 66, 64), 0b11U);
  EXPECT_EQ(run_bits(70, 80, 0), 0U);
  EXPECT_EQ(run_bits(10, 20, 64), 0U);
  EXPECT_EQ(run_bits(0, 500, 128), ~std::uint64_t{0});
}

// Leaf sets of the example's query: bit 0 is leaf 2, then 3, 0, 1. Its higher bits say nothing.
std::uint64_t marked(const std::vector<std::uint32_t>& indices, const std::vector<double>& values) {
  const Ensemble ensemble = example();
  QueryNodes nodes;
  nodes.add(ensemble.trees[0], order_leaves(ensemble.trees[0]), kSides);
  nodes.finish(ensemble);
  EXPECT_EQ(nodes.words(), 1U);
  QueryNodes::Scratch scratch;
  std::uint64_t leaf_set = 0;
  nodes.mark({indices, values}, scratch, {&leaf_set, 1});
  return leaf_set & 0b1111U;
}

TEST(QueryNodesTest, NodesThatGoRightTakeTheLeavesOnTheirLeft) {
  EXPECT_EQ(marked({}, {}), 0b1101U);  // At zero the node q <= -1 goes right.
  EXPECT_EQ(marked({0}, {0.0}), 0b1101U);
  EXPECT_EQ(marked({0}, {0.5}), 0b1101U);
  EXPECT_EQ(marked({0}, {1.0}), 0b1101U);  // A threshold itself goes left.
  EXPECT_EQ(marked({0}, {1.5}), 0b1100U);
}

TEST(QueryNodesTest, WhatOnlyZeroTakesAwayComesBack) {
  EXPECT_EQ(marked({0}, {-1.0}), 0b1111U);
  EXPECT_EQ(marked({1, 0}, {7.0, -2.0}), 0b1111U);
}

TEST(ReachTest, CandidatesOfOneClassReachTheSameLeaves) {
  const Ensemble ensemble = example();
  const std::vector<std::uint32_t> index{1};
  const std::vector<double> low{0.25};
  const std::vector<double> high{0.75};
  const std::vector<SparseRow> candidates{{}, {index, high}, {index, low}, {index, high}};
  Reach reach(ensemble, kSides, candidates);
  reach.classify(ensemble.trees[0], order_leaves(ensemble.trees[0]));
  ASSERT_EQ(reach.classes(), 2U);
  EXPECT_EQ(std::vector<std::uint32_t>(reach.class_of().begin(), reach.class_of().end()),
            (std::vector<std::uint32_t>{0, 1, 0, 1}));
  EXPECT_EQ(reach.leaf_set(0, 0), 0b0111U);
  EXPECT_EQ(reach.leaf_set(1, 0), 0b1001U);
}

TEST(ReachTest, ATreeThatIgnoresCandidatesHasOneClass) {
  Ensemble ensemble = example();
  ensemble.trees[0].nodes[1].feature = 0;
  const std::vector<SparseRow> candidates(5);
  Reach reach(ensemble, kSides, candidates);
  reach.classify(ensemble.trees[0], order_leaves(ensemble.trees[0]));
  EXPECT_EQ(reach.classes(), 1U);
  EXPECT_EQ(reach.leaf_set(0, 0), 0b1111U);
}

TEST(ClassCodesTest, TablesHaveRoomForWhatAPermutationReads) {
  const std::pair<std::size_t, std::size_t> cases[] = {{1, 8},   {2, 8},      {8, 8},   {9, 16},
                                                       {16, 16}, {17, 32},    {33, 64}, {64, 64},
                                                       {65, 72}, {1000, 1000}};
  for (const auto& [classes, size] : cases) EXPECT_EQ(ClassCodes::table_size(classes), size);
}

TEST(ClassCodesTest, ATreeThatDoesNotFitStartsAGroup) {
  ClassCodes codes;
  codes.reset(3);
  EXPECT_EQ(codes.stride, ClassCodes::kLanesMin);
  const std::vector<std::uint32_t> class_of{5, 0, 300};
  for (int tree = 0; tree < 8; ++tree) codes.add(class_of, 301);  // 9 bits, 7 to a word.
  EXPECT_EQ(codes.group_begin, (std::vector<std::uint32_t>{0, 7, 8}));
  EXPECT_EQ(codes.codes[6].shift, 54);
  EXPECT_EQ(codes.codes[7].shift, 0);
  EXPECT_EQ(codes.words[2] >> 54U, 300U);
  EXPECT_EQ(codes.words[codes.stride], 5U);
}

TEST(ClassCodesTest, ATreeOfOneClassTakesNoBit) {
  ClassCodes codes;
  codes.reset(1);
  for (int tree = 0; tree < 100; ++tree) codes.add(std::vector<std::uint32_t>{0}, 1);
  EXPECT_EQ(codes.groups(), 1U);
  EXPECT_EQ(codes.codes[99].bits, 0);
}

// One tree for each way of looking a class up, against the definition.
TEST(KernelTest, VariantsAddTheSameBits) {
  // Whole blocks and each kind of rest.
  for (std::size_t candidates = 1; candidates <= 224; ++candidates) {
    ClassCodes codes;
    codes.reset(candidates);
    std::vector<std::vector<double>> tables;
    std::vector<double> expected(candidates, 0.0);
    for (const std::size_t classes : {1U, 2U, 3U, 7U, 8U, 9U, 16U, 17U, 33U, 64U, 65U, 200U, 90U}) {
      std::vector<std::uint32_t> class_of(candidates);
      for (std::size_t i = 0; i < candidates; ++i) {
        class_of[i] = static_cast<std::uint32_t>(i * 7 % classes);
      }
      codes.add(class_of, classes);
      std::vector<double> table(ClassCodes::table_size(classes));
      const std::size_t period = std::size_t{1} << codes.codes.back().bits;
      for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = 1.0 / static_cast<double>(3 + c % period + classes);
      }
      for (std::size_t i = 0; i < candidates; ++i) expected[i] += table[class_of[i]];
      tables.push_back(table);
    }
    std::vector<const double*> table_of;
    table_of.reserve(tables.size());
    for (const std::vector<double>& table : tables) table_of.push_back(table.data());
    for (const Variant variant : variants()) {
      std::vector<double> sums(codes.stride, 0.0);
      kernel_of(variant).accumulate({.codes = &codes,
                                     .tables = table_of.data(),
                                     .group_begin = 0,
                                     .group_end = codes.groups(),
                                     .lane_begin = 0,
                                     .lane_end = codes.stride},
                                    sums.data());
      sums.resize(candidates);
      EXPECT_EQ(sums, expected) << candidates << " candidates, variant "
                                << static_cast<int>(variant);
    }
  }
}

TEST(KernelTest, VariantsFindTheLowestCommonLeaf) {
  std::vector<double> leaves(64);
  std::iota(leaves.begin(), leaves.end(), 0.5);
  for (const std::size_t leaf_count : {1U, 31U, 32U, 33U, 64U}) {
    const std::uint64_t all = run_bits(0, leaf_count, 0);
    std::vector<std::uint64_t> classes;
    for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) classes.push_back(all << leaf & all);
    while (classes.size() % ClassCodes::kTableMin != 0) classes.push_back(classes.front());
    for (const Variant variant : variants()) {
      std::vector<double> table(classes.size());
      kernel_of(variant).fill({.query = ~std::uint64_t{0},
                               .classes = classes.data(),
                               .count = classes.size(),
                               .leaves = leaves.data(),
                               .leaf_count = leaf_count},
                              table.data());
      for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) EXPECT_EQ(table[leaf], leaves[leaf]);
    }
  }
}

}  // namespace
}  // namespace forest
