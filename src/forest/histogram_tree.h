#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/strided.h"
#include "forest/ensemble.h"

namespace forest {

// 256 categories, one bit each.
using CategoryBits = std::array<std::uint32_t, 8>;

// The nodes of a TreePredictor of scikit-learn's HistGradientBoosting, one element per node.
struct HistogramTree {
  base::Strided<std::int64_t> left;
  base::Strided<std::int64_t> right;
  base::Strided<std::int64_t> feature;
  base::Strided<double> threshold;
  base::Strided<double> value;
  base::Strided<std::uint8_t> is_leaf;
  base::Strided<std::uint8_t> missing_go_to_left;  // Empty before scikit-learn 0.22.
  base::Strided<std::uint8_t> is_categorical;      // Empty before 0.24.
  base::Strided<std::int64_t> bitset;              // The same: which of left_bits a node has.
  std::span<const CategoryBits> left_bits;
  // By feature: the categories of training. Unknown ones go where missing ones do. Empty: no
  // feature has categories.
  std::span<const CategoryBits> known;
};

// The tree in our form, for an ensemble of width 1 whose features of categories have whole numbers
// from 0 to 255, and NaN for what is missing. Its bit sets are appended to `bits`. Refuses arrays
// whose lengths differ, children and bit sets outside the tree; the rest is check()'s.
base::Result<Tree> make_histogram_tree(const HistogramTree& arrays, std::uint32_t output,
                                       std::vector<std::uint32_t>& bits);

}  // namespace forest
