#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "base/strided.h"
#include "forest/ensemble.h"

namespace forest {

// The arrays of a sklearn.tree._tree.Tree, one element per node but for `values`.
struct SklearnTree {
  base::Strided<std::int64_t> children_left;  // -1: a leaf.
  base::Strided<std::int64_t> children_right;
  base::Strided<std::int64_t> feature;
  base::Strided<double> threshold;
  base::Strided<std::uint8_t> missing_go_to_left;  // Empty before scikit-learn 1.3.
  base::Strided<double> values;                    // node_count x width; only leaves count.
};

// The tree in our form, for an ensemble with float32_input; a leaf's number is that of its node.
// `values` are taken as they are: what
// a release keeps there (counts, fractions) is the caller's to know. Refuses arrays whose lengths
// differ and children outside the tree; the rest is check()'s.
base::Result<Tree> make_sklearn_tree(const SklearnTree& arrays, std::size_t width,
                                     std::uint32_t output = 0);

}  // namespace forest
