#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forest/ensemble.h"

namespace forest {

// A tree's leaves numbered from left to right, so that the leaves below a node are one run:
// [begin, middle) below its left child, [middle, end) below its right one.
struct LeafRun {
  std::uint32_t begin = 0;
  std::uint32_t middle = 0;
  std::uint32_t end = 0;
};

struct LeafOrder {
  std::vector<LeafRun> runs;          // As Tree::nodes.
  std::vector<std::uint32_t> leaves;  // The tree's own number of the i-th leaf from the left.
};

// Precondition: the tree passed check().
LeafOrder order_leaves(const Tree& tree);

inline constexpr std::size_t kLeavesPerWord = 64;

inline std::size_t leaf_words(std::size_t leaves) {
  return (leaves + kLeavesPerWord - 1) / kLeavesPerWord;
}

// The part of the leaf set [begin, end) in the word that starts with leaf `first`.
inline std::uint64_t run_bits(std::size_t begin, std::size_t end, std::size_t first) {
  const auto below = [first](std::size_t leaf) -> std::uint64_t {
    if (leaf <= first) return 0;
    const std::size_t count = leaf - first;
    return count >= kLeavesPerWord ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  };
  return below(end) & ~below(begin);
}

}  // namespace forest
