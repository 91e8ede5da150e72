#include "forest/traversal.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

namespace forest {
namespace {

// What the rows of a block need of a step.
enum class Mode : std::uint8_t {
  Plain,  // No NaN in the rows, numerical decisions only.
  Nan,    // Numerical decisions only.
  Full,
};

// Walks that go on at the same time, so that what one waits for hides behind the others. Of shallow
// trees, which lie in the nearest cache, as many as have room in registers; what comes after them
// begins before they end, since nothing about their end has to be guessed.
constexpr std::size_t kLanes = kGroupRows;
constexpr std::size_t kShallowLanes = 8;
// The steps of a tree that is shallow: all rows take as many, those that have arrived too.
constexpr std::uint32_t kShallowSteps = 7;
// Steps between two tests whether all walks of a group have stopped.
constexpr int kStepsPerTest = 4;
constexpr std::size_t kBlockRowsMax = 4 * kGroupRows;
constexpr std::size_t kBlockBytes = std::size_t{128} << 10U;

// Where the keys of a row lie: one behind another, or each kGroupRows behind the one before.
template <typename Key, std::size_t kStride>
struct Row {
  const Key* keys;
  Key operator[](std::size_t feature) const { return keys[feature * kStride]; }
};

// What a step reads of a Packed, at hand.
template <typename Node>
struct Trees {
  explicit Trees(const Packed<Node>& packed, const std::vector<std::uint32_t>& bit_words)
      : nodes(packed.nodes()),
        bits(bit_words.data()),
        feature_bits(packed.feature_bits),
        feature_mask((1U << packed.feature_bits) - 1) {}

  const Node* nodes;
  const std::uint32_t* bits;
  std::uint32_t feature_bits;
  std::uint32_t feature_mask;
};

bool is_member(const std::uint32_t* bits, BitSet set, double x) {
  if (!(x > -1.0 && x < 2147483648.0)) return false;
  const auto category = static_cast<std::uint32_t>(x);
  const std::uint32_t word = category / 32;
  return word < set.end - set.begin && ((bits[set.begin + word] >> (category % 32)) & 1U) != 0;
}

// Where a step that needs more than a comparison leads.
std::uint32_t full_step(const Trees<WideNode>& trees, const WideNode& node, std::int64_t key) {
  const std::uint32_t missing = node.child + ((node.feature & kNanLeft) != 0 ? 0U : 1U);
  if (key == kNan<std::int64_t>) return missing;
  const double x = number_of(key);
  if ((node.feature & kCategorical) != 0) {
    return node.child + (is_member(trees.bits, std::bit_cast<BitSet>(node.threshold), x) ? 0U : 1U);
  }
  if ((node.feature & kZeroMissing) != 0 && std::abs(x) <= kZeroThreshold) return missing;
  return node.child + (key > node.threshold ? 1U : 0U);
}

template <Mode kMode, std::size_t kStride>
inline std::uint32_t step(const Trees<WideNode>& trees, const WideNode& node,
                          Row<std::int64_t, kStride> row) {
  const std::int64_t key = row[node.feature & kFeatureMask];
  if constexpr (kMode == Mode::Full) return full_step(trees, node, key);
  std::uint32_t right = key > node.threshold ? 1U : 0U;
  if constexpr (kMode == Mode::Nan) {
    right &= ~((node.feature >> 31U) & (key == kNan<std::int64_t> ? 1U : 0U));
  }
  return node.child + right;
}

template <Mode kMode, std::size_t kStride>
inline std::uint32_t step(const Trees<NarrowNode>& trees, const NarrowNode& node,
                          Row<std::int32_t, kStride> row) {
  const std::int32_t key = row[node.link & trees.feature_mask];
  const std::uint32_t child = node.link >> trees.feature_bits;
  std::uint32_t right = key > node.threshold ? 1U : 0U;
  if constexpr (kMode == Mode::Nan) {
    right &= ~(child & (key == kNan<std::int32_t> ? 1U : 0U));
  }
  return (child >> 1U) + right;
}

// Leads kLanes walks to their leaves: lane i stands at at[i] and reads row_of(i). In lockstep,
// which costs steps of walks that have arrived, but no mispredicted branch for each of them.
template <Mode kMode, typename Node, typename RowOf>
inline void walk(const Trees<Node>& trees, std::uint32_t* at, const RowOf& row_of) {
  std::uint32_t moved = 0;
  do {
    for (int i = 1; i < kStepsPerTest; ++i) {
#pragma GCC unroll 16
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        at[lane] = step<kMode>(trees, trees.nodes[at[lane]], row_of(lane));
      }
    }
    moved = 0;
#pragma GCC unroll 16
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint32_t next = step<kMode>(trees, trees.nodes[at[lane]], row_of(lane));
      moved |= next ^ at[lane];
      at[lane] = next;
    }
  } while (moved != 0);
}

// The same for lanes of which the longest walk is known, from their first decisions on.
template <Mode kMode, typename Node, typename RootOf, typename RowOf>
inline void walk_shallow(const Trees<Node>& trees, std::uint32_t steps, std::uint32_t* at,
                         const RootOf& root_of, const RowOf& row_of) {
  std::uint32_t here[kShallowLanes];
#pragma GCC unroll 16
  for (std::size_t lane = 0; lane < kShallowLanes; ++lane) {
    here[lane] = step<kMode>(trees, root_of(lane), row_of(lane));
  }
  for (std::uint32_t i = 0; i < steps; ++i) {
#pragma GCC unroll 16
    for (std::size_t lane = 0; lane < kShallowLanes; ++lane) {
      here[lane] = step<kMode>(trees, trees.nodes[here[lane]], row_of(lane));
    }
  }
  std::copy_n(here, kShallowLanes, at);
}

// Leads kLanes walks from root_of(i) to their leaves, none of them in more than `steps`.
template <Mode kMode, typename Node, typename RootOf, typename RowOf>
inline void walk_all(const Trees<Node>& trees, std::uint32_t steps, std::uint32_t* at,
                     const RootOf& root_of, const RowOf& row_of) {
  if (steps <= kShallowSteps) {
    for (std::size_t first = 0; first < kLanes; first += kShallowLanes) {
      walk_shallow<kMode>(
          trees, steps, at + first, [&](std::size_t lane) { return root_of(first + lane); },
          [&](std::size_t lane) { return row_of(first + lane); });
    }
    return;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    at[lane] = step<kMode>(trees, root_of(lane), row_of(lane));
  }
  walk<kMode>(trees, at, row_of);
}

template <typename Sum>
inline void add_row(const double* values, std::size_t width, Sum* raw) {
  for (std::size_t i = 0; i < width; ++i) raw[i] += static_cast<Sum>(values[i]);
}

template <typename Sum>
inline void add_leaf(const Packed<WideNode>& packed, std::uint32_t at, Sum* raw) {
  const std::int64_t payload = packed.nodes()[at].threshold;
  if (packed.width == 1) {
    *raw += static_cast<Sum>(std::bit_cast<double>(payload));
    return;
  }
  add_row(packed.leaf_values.data() + static_cast<std::size_t>(payload) * packed.width,
          packed.width, raw);
}

template <typename Sum>
inline void add_leaf(const Packed<NarrowNode>& packed, std::uint32_t at, Sum* raw) {
  const std::int32_t payload = packed.nodes()[at].threshold;
  if constexpr (std::is_same_v<Sum, float>) {
    if (packed.width == 1) {
      *raw += std::bit_cast<float>(payload);
      return;
    }
  }
  add_row(packed.leaf_values.data() + static_cast<std::size_t>(payload) * packed.width,
          packed.width, raw);
}

// What becomes of the leaf that a row ends in: `out` is where the row's answer is. A sum is a
// double, or a float where the library adds up in float32.
template <typename Sum>
struct AddValues {
  using Number = Sum;
  template <typename Node>
  static std::size_t width(const Packed<Node>&, std::size_t outputs) {
    return outputs;
  }
  template <typename Node>
  static void take(const Packed<Node>& packed, std::size_t tree, std::uint32_t at, Sum* out) {
    add_leaf(packed, at, out + packed.outputs.data()[tree]);
  }
};

struct PutNumber {
  using Number = double;
  template <typename Node>
  static std::size_t width(const Packed<Node>& packed, std::size_t /*outputs*/) {
    return packed.roots.size();
  }
  template <typename Node>
  static void take(const Packed<Node>& packed, std::size_t tree, std::uint32_t at, double* out) {
    out[tree] = packed.leaf_numbers.data()[at];
  }
};

// One prepared row through all trees, kLanes trees at a time.
template <typename Take, Mode kMode, typename Node>
void score_row(const Packed<Node>& packed, const Trees<Node>& trees, const typename Node::Key* keys,
               typename Take::Number* out) {
  const std::size_t count = packed.roots.size();
  const Node* roots = packed.roots.data();
  const Row<typename Node::Key, 1> row{keys};
  for (std::size_t first = 0; first < count; first += kLanes) {
    const std::size_t used = std::min(kLanes, count - first);
    const auto steps = packed.steps.begin() + static_cast<std::ptrdiff_t>(first);
    std::uint32_t at[kLanes];
    walk_all<kMode>(
        trees, *std::max_element(steps, steps + static_cast<std::ptrdiff_t>(used)), at,
        [&](std::size_t lane) { return roots[first + std::min(lane, used - 1)]; },
        [&](std::size_t) { return row; });
    for (std::size_t lane = 0; lane < used; ++lane) {
      Take::take(packed, first + lane, at[lane], out);
    }
  }
}

// Prepared groups of rows through all trees, tree after tree. out: one place for each row and
// number of an answer.
template <typename Take, Mode kMode, typename Node>
void score_block(const Packed<Node>& packed, const Trees<Node>& trees,
                 Block<typename Node::Key> block, std::span<typename Take::Number> out) {
  using GroupRow = Row<typename Node::Key, kGroupRows>;
  const std::size_t stride = packed.features + 1;
  const std::size_t width = out.size() / block.rows;
  for (std::size_t tree = 0; tree < packed.roots.size(); ++tree) {
    const Node root = packed.roots.data()[tree];
    for (std::size_t first = 0; first < block.rows; first += kLanes) {
      const std::size_t used = std::min(kLanes, block.rows - first);
      const typename Node::Key* group = block.keys + first * stride;
      std::uint32_t at[kLanes];
      walk_all<kMode>(
          trees, packed.steps[tree], at, [&](std::size_t) { return root; },
          [&](std::size_t lane) { return GroupRow{group + lane}; });
      for (std::size_t lane = 0; lane < used; ++lane) {
        Take::take(packed, tree, at[lane], out.data() + (first + lane) * width);
      }
    }
  }
}

template <typename Take, Mode kMode, typename Node>
void score_prepared(const Packed<Node>& packed, const Trees<Node>& trees,
                    Block<typename Node::Key> block, std::span<typename Take::Number> out) {
  if (block.rows >= kGroupRows) return score_block<Take, kMode>(packed, trees, block, out);
  const std::size_t width = out.size() / block.rows;
  for (std::size_t i = 0; i < block.rows; ++i) {
    score_row<Take, kMode>(packed, trees, block.keys + i * (packed.features + 1),
                           out.data() + i * width);
  }
}

template <typename Key>
Key key_in_row(double x, bool float32_input) {
  return key_of<Key>(float32_input ? static_cast<double>(static_cast<float>(x)) : x);
}

// Puts the keys of a row to `out`, each `stride` behind the one before; says whether there is a
// NaN.
template <typename Key>
bool prepare(std::span<const double> row, bool float32_input, std::size_t stride, Key* out) {
  bool nan = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto key = key_in_row<Key>(row[i], float32_input);
    nan |= key == kNan<Key>;
    out[i * stride] = key;
  }
  return nan;
}

// Prepares a block of `count` rows, at `out`. The last of several groups may have lanes left over:
// whatever their keys are, they walk to leaves, since kNever is behind them.
template <typename Key>
Block<Key> prepare_block(std::span<const double> rows, std::size_t count, bool float32_input,
                         Key* out) {
  const std::size_t features = rows.size() / count;
  const bool grouped = count >= kGroupRows;
  const std::size_t lanes = grouped ? kGroupRows : 1;
  bool nan = false;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t lane = i % lanes;
    Key* group = out + (i - lane) * (features + 1);
    nan |= prepare(rows.subspan(i * features, features), float32_input, lanes, group + lane);
    if (lane == 0) std::fill_n(group + features * lanes, lanes, kNever<Key>);
  }
  return {out, count, nan};
}

// How many keys a block of so many rows takes.
std::size_t keys_of_block(std::size_t rows, std::size_t features) {
  const std::size_t lanes = rows >= kGroupRows ? kGroupRows : 1;
  return (rows + lanes - 1) / lanes * lanes * (features + 1);
}

template <typename Node>
std::vector<typename Node::Key>& pick(std::vector<std::int64_t>& wide,
                                      std::vector<std::int32_t>& narrow) {
  if constexpr (std::is_same_v<Node, NarrowNode>) {
    return narrow;
  } else {
    return wide;
  }
}

}  // namespace

std::size_t Forest::node_bytes() const {
  return std::visit(
      [](const auto& packed) {
        return packed.lines.size() * kLineBytes + packed.leaf_values.size() * sizeof(double);
      },
      packed_);
}

std::size_t Forest::trees() const {
  return std::visit([](const auto& packed) { return packed.roots.size(); }, packed_);
}

bool Forest::numbered() const {
  return std::visit([](const auto& packed) { return !packed.leaf_numbers.empty(); }, packed_);
}

template <typename Take, typename Node, typename Number>
void Forest::run(const Packed<Node>& packed, Block<typename Node::Key> block,
                 std::span<Number> out) const {
  const Trees<Node> trees(packed, bits_);
  if constexpr (std::is_same_v<Node, WideNode>) {
    if (!plain_) return score_prepared<Take, Mode::Full>(packed, trees, block, out);
  }
  if (block.nan) return score_prepared<Take, Mode::Nan>(packed, trees, block, out);
  score_prepared<Take, Mode::Plain>(packed, trees, block, out);
}

template <typename Take, typename Node>
void Forest::run(const Packed<Node>& packed, Block<typename Node::Key> block, std::span<double> out,
                 std::vector<float>& floats) const {
  if constexpr (std::is_same_v<typename Take::Number, double>) {
    run<Take>(packed, block, out);
  } else {
    if (floats.size() < out.size()) floats.resize(out.size());
    const std::span<float> sums(floats.data(), out.size());
    std::transform(out.begin(), out.end(), sums.begin(),
                   [](double start) { return static_cast<float>(start); });
    run<Take>(packed, block, sums);
    std::copy(sums.begin(), sums.end(), out.begin());
  }
}

template <typename Take>
void Forest::take_rows(std::span<const double> rows, std::span<double> out,
                       Scratch& scratch) const {
  const auto score_as = [&]<typename Node>(const Packed<Node>& packed) {
    using Key = typename Node::Key;
    const std::size_t block_rows =
        std::clamp<std::size_t>(kBlockBytes / ((features_ + 1) * sizeof(Key)), 1, kBlockRowsMax);
    const std::size_t width = Take::width(packed, outputs_);
    const std::size_t count = out.size() / width;
    std::vector<Key>& buffer = pick<Node>(scratch.wide, scratch.narrow);
    const std::size_t keys = keys_of_block(std::min(count, block_rows), features_);
    if (buffer.size() < keys) buffer.resize(keys);
    for (std::size_t first = 0; first < count; first += block_rows) {
      const std::size_t taken = std::min(block_rows, count - first);
      const auto block = prepare_block(rows.subspan(first * features_, taken * features_), taken,
                                       float32_input_, buffer.data());
      run<Take>(packed, block, out.subspan(first * width, taken * width), scratch.floats);
    }
  };
  std::visit(score_as, packed_);
}

template <typename Take>
void Forest::take_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                         std::span<double> out, Scratch& scratch) const {
  const auto score_as = [&]<typename Node>(const Packed<Node>& packed) {
    using Key = typename Node::Key;
    if (scratch.absent_is_nan != absent_is_nan_) {
      scratch.sparse_wide.clear();
      scratch.sparse_narrow.clear();
      scratch.absent_is_nan = absent_is_nan_;
    }
    std::vector<Key>& row = pick<Node>(scratch.sparse_wide, scratch.sparse_narrow);
    const Key absent = absent_is_nan_ ? kNan<Key> : Key{0};
    if (row.size() != features_ + 1) {
      row.assign(features_ + 1, absent);
      row.back() = kNever<Key>;
    }
    bool nan = absent_is_nan_;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const auto key = key_in_row<Key>(values[i], float32_input_);
      nan |= key == kNan<Key>;
      row[indices[i]] = key;
    }
    run<Take>(packed, Block<Key>{row.data(), 1, nan}, out, scratch.floats);
    for (const std::uint32_t index : indices) row[index] = absent;
  };
  std::visit(score_as, packed_);
}

void Forest::score(std::span<const double> rows, std::span<double> raw, Scratch& scratch) const {
  std::fill(raw.begin(), raw.end(), 0.0);
  add(rows, raw, scratch);
}

void Forest::add(std::span<const double> rows, std::span<double> raw, Scratch& scratch) const {
  if (float32_sum_) return take_rows<AddValues<float>>(rows, raw, scratch);
  take_rows<AddValues<double>>(rows, raw, scratch);
}

void Forest::apply(std::span<const double> rows, std::span<double> leaves, Scratch& scratch) const {
  take_rows<PutNumber>(rows, leaves, scratch);
}

void Forest::score_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                          std::span<double> raw, Scratch& scratch) const {
  std::fill(raw.begin(), raw.end(), 0.0);
  add_sparse(indices, values, raw, scratch);
}

void Forest::add_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                        std::span<double> raw, Scratch& scratch) const {
  if (float32_sum_) return take_sparse<AddValues<float>>(indices, values, raw, scratch);
  take_sparse<AddValues<double>>(indices, values, raw, scratch);
}

void Forest::apply_sparse(std::span<const std::uint32_t> indices, std::span<const double> values,
                          std::span<double> leaves, Scratch& scratch) const {
  take_sparse<PutNumber>(indices, values, leaves, scratch);
}

}  // namespace forest
