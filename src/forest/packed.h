#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <variant>
#include <vector>

#include "forest/ensemble.h"

namespace forest {

// The nodes of an ensemble as the traversal reads them, and how they lie in memory. Built tree
// by tree of checked ones; for traversal.cc alone.
//
// Numbers are compared as keys: integers in the order of the numbers they stand for. The two
// children of a node are neighbours (left, right), so a step is `child + (key > threshold)` and
// has no branch. A leaf compares kNever, which stands behind the features of every prepared row:
// it is greater than no threshold, so a leaf leads to itself, and a walk needs no end test until
// a whole group of walks has stopped. A leaf's threshold field is free for its payload.

// The key of a number. Both zeros have one key; NaN has the greatest.
template <typename Key>
Key key_of(double value) {
  using Float = std::conditional_t<std::is_same_v<Key, std::int32_t>, float, double>;
  const auto rounded = static_cast<Float>(value) + Float{0};
  const Key bits = std::bit_cast<Key>(rounded);
  if (rounded != rounded) return std::numeric_limits<Key>::max();
  // The sign spread over all bits: which sign a number has is not for a branch to guess.
  return bits ^ ((bits >> (8 * sizeof(Key) - 1)) & std::numeric_limits<Key>::max());
}

// The number of a key, either zero for that of zero.
inline double number_of(std::int64_t key) {
  return std::bit_cast<double>(key < 0 ? key ^ std::numeric_limits<std::int64_t>::max() : key);
}

template <typename Key>
inline constexpr Key kNever = std::numeric_limits<Key>::min();
template <typename Key>
inline constexpr Key kNan = std::numeric_limits<Key>::max();

inline constexpr std::size_t kLineBytes = 64;

// 16 bytes: every ensemble fits. `feature` has the flags below in its upper four bits.
struct WideNode {
  using Key = std::int64_t;
  // Leaf: the bits of its value (width 1), or the number of its row. Categorical: a BitSet.
  Key threshold = 0;
  std::uint32_t child = 0;
  std::uint32_t feature = 0;
};

inline constexpr std::uint32_t kNanLeft = 1U << 31U;
inline constexpr std::uint32_t kZeroMissing = 1U << 30U;
inline constexpr std::uint32_t kCategorical = 1U << 29U;
inline constexpr std::uint32_t kFeatureMask = (1U << 28U) - 1;
inline constexpr std::size_t kFeaturesMax = kFeatureMask - 1;

struct BitSet {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// 8 bytes, for float32 rows: against a float, a threshold is as good as the greatest float that
// is not above it. `link` holds, from the top, the child, one bit for "NaN goes left" and, in
// feature_bits, the feature.
struct NarrowNode {
  using Key = std::int32_t;
  // Leaf: the number of its row of values, or the bits of its value where it is one that is added
  // up in float32.
  Key threshold = 0;
  std::uint32_t link = 0;
};

// Node storage that starts on a cache line.
template <typename Node>
struct alignas(kLineBytes) Line {
  std::array<Node, kLineBytes / sizeof(Node)> nodes;
};

template <typename Node>
struct Packed {
  std::vector<Line<Node>> lines;
  std::vector<Node> roots;             // One per tree: its first decision.
  std::vector<double> leaf_values;     // Rows of width values, unless nodes of width 1 hold theirs.
  std::vector<std::uint32_t> outputs;  // One per tree.
  // One per tree: the most decisions that a row meets behind the first; kStepsMax is that or more.
  std::vector<std::uint8_t> steps;
  std::vector<std::uint32_t> leaf_numbers;  // Of each node, where leaves are numbered.
  std::uint32_t feature_bits = 0;           // Narrow: how `link` is divided.
  std::size_t features = 0;
  std::size_t width = 1;

  const Node* nodes() const { return lines.empty() ? nullptr : lines.front().nodes.data(); }
};

// Rows that are walked side by side.
inline constexpr std::size_t kGroupRows = 16;

// Prepared rows: their keys, kNever's behind them, and whether a NaN is among them. Fewer than
// kGroupRows lie one after another; more lie in groups of so many, feature after feature, each with
// the keys of all rows of the group: then the place of a key is that of the feature and a constant.
template <typename Key>
struct Block {
  const Key* keys = nullptr;
  std::size_t rows = 0;
  bool nan = false;
};

inline constexpr std::uint8_t kStepsMax = std::numeric_limits<std::uint8_t>::max();

// No node's number has more than 32 bits.
inline constexpr std::size_t kChildrenMax = std::numeric_limits<std::uint32_t>::max();

using AnyPacked = std::variant<Packed<WideNode>, Packed<NarrowNode>>;

// Packs the trees of an ensemble one after another: no tree is wanted again.
class Packing {
 public:
  Packing() = default;
  Packing(const Packing&) = delete;
  Packing& operator=(const Packing&) = delete;
  virtual ~Packing() = default;

  // False where there are too many nodes for 32 bits. Precondition: TreeChecker has seen the tree.
  virtual bool add(const Tree& tree) = 0;
  virtual AnyPacked finish() = 0;
};

// Of `shape` all but the trees counts; it outlives the packing. `children`: so many, two for each
// decision, are about to come. Narrow nodes where those have room for them, the rows are float32
// and `plain`: only numerical decisions, of which none takes zero for missing.
// Precondition: shape.features <= kFeaturesMax and children <= kChildrenMax.
std::unique_ptr<Packing> start_packing(const Ensemble& shape, std::size_t children, bool plain);

// How many children it takes: two for each decision, and for a tree that is a lone leaf.
std::size_t count_children(const Tree& tree);

}  // namespace forest
