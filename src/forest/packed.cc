#include "forest/packed.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <span>
#include <string_view>

namespace forest {
namespace {

// Where a NaN goes does not depend on the row, so it is settled here.
bool nan_goes_left(const Node& node, const Ensemble& ensemble) {
  return goes_left(node, ensemble.bits, std::numeric_limits<double>::quiet_NaN());
}

// Numbers the pairs of children of a tree so that a walk stays on few cache lines: each line
// takes a pair, then as many of the pairs below it as it has room for.
class Placement {
 public:
  explicit Placement(std::size_t pairs_per_line) : pairs_per_line_(pairs_per_line) {}

  // The nodes of `tree`, in the order in which their children are to be stored, the first pair
  // being the `first`th of all.
  const std::vector<std::int32_t>& order(const Tree& tree, std::size_t first) {
    order_.clear();
    pending_.assign(tree.nodes.empty() ? 0 : 1, 0);
    while (!pending_.empty()) {
      queue_.assign(1, pending_.back());
      pending_.pop_back();
      const std::size_t room = pairs_per_line_ - (first + order_.size()) % pairs_per_line_;
      fill_line(tree, room);
    }
    return order_;
  }

 private:
  void fill_line(const Tree& tree, std::size_t room) {
    std::size_t taken = 0;
    for (; taken < queue_.size() && taken < room; ++taken) {
      const std::int32_t at = queue_[taken];
      order_.push_back(at);
      const Node& node = tree.nodes[static_cast<std::size_t>(at)];
      if (node.left >= 0) queue_.push_back(node.left);
      if (node.right >= 0) queue_.push_back(node.right);
    }
    while (queue_.size() > taken) {
      pending_.push_back(queue_.back());
      queue_.pop_back();
    }
  }

  std::size_t pairs_per_line_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> pending_;
  std::vector<std::int32_t> queue_;
};

// The rows of leaf values that differ. A forest of classifiers repeats few rows in very many
// leaves (its pure ones), and a short table stays in the nearest cache.
class LeafTable {
 public:
  LeafTable(std::size_t width, std::vector<double>& values) : width_(width), values_(values) {}

  // The number of the row that has these bits.
  std::size_t number_of(std::span<const double> row) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    const std::size_t hash = std::hash<std::string_view>{}(bytes_of(row.data()));
    Slot& slot = slots_[find(hash, row.data())];
    if (slot.number == kNone) {
      slot = {.hash = hash, .number = used_++};
      values_.insert(values_.end(), row.begin(), row.end());
    }
    return slot.number;
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  struct Slot {
    std::size_t hash = 0;
    std::size_t number = kNone;
  };

  std::string_view bytes_of(const double* row) const {
    return {reinterpret_cast<const char*>(row), width_ * sizeof(double)};
  }

  // Where the row is, or is to be: the first slot from its own on that has it or is free.
  std::size_t find(std::size_t hash, const double* row) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    for (; slots_[at].number != kNone; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.hash == hash && bytes_of(values_.data() + slot.number * width_) == bytes_of(row)) {
        break;
      }
    }
    return at;
  }

  void grow() {
    std::vector<Slot> before(std::max<std::size_t>(2 * slots_.size(), 64));
    before.swap(slots_);
    for (const Slot& each : before) {
      if (each.number != kNone)
        slots_[find(each.hash, values_.data() + each.number * width_)] = each;
    }
  }

  std::size_t width_;
  std::vector<double>& values_;
  std::vector<Slot> slots_;  // A power of two of them, half of them free.
  std::size_t used_ = 0;
};

WideNode wide_leaf(const Ensemble& ensemble, std::size_t leaf, double value, std::uint32_t self) {
  return {.threshold = ensemble.width == 1 ? std::bit_cast<std::int64_t>(value)
                                           : static_cast<std::int64_t>(leaf),
          .child = self,
          .feature = static_cast<std::uint32_t>(ensemble.features)};
}

WideNode wide_decision(const Ensemble& ensemble, const Node& node, std::uint32_t child) {
  WideNode packed{
      .threshold = key_of<std::int64_t>(node.threshold), .child = child, .feature = node.feature};
  if (nan_goes_left(node, ensemble)) packed.feature |= kNanLeft;
  if (node.categorical) {
    packed.feature |= kCategorical;
    packed.threshold = std::bit_cast<std::int64_t>(BitSet{node.bits_begin, node.bits_end});
  } else if (node.missing == Missing::Zero) {
    packed.feature |= kZeroMissing;
  }
  return packed;
}

float floor_to_float(double threshold) {
  const auto nearest = static_cast<float>(threshold);
  if (static_cast<double>(nearest) <= threshold) return nearest;
  return std::nextafter(nearest, -std::numeric_limits<float>::infinity());
}

// Stores the trees one after another. `leaf(number, value, self)` and
// `decision(node, child)` give the packed forms; `root_of_leaf(child)` a decision that
// always goes left; `keeps_leaf_values()` says that the nodes do not hold them.
template <typename Node, typename Makers>
class Packer final : public Packing {
 public:
  // `children_max`: as many have room in a node's link.
  Packer(const Ensemble& ensemble, Makers makers, std::size_t children, std::size_t children_max)
      : ensemble_(ensemble),
        makers_(makers),
        children_max_(children_max),
        placement_(kPerLine / 2),
        leaf_rows_(ensemble.width, packed_.leaf_values) {
    packed_.features = ensemble.features;
    packed_.width = ensemble.width;
    packed_.feature_bits = makers.feature_bits;
    packed_.lines.reserve(lines_for(children));
    if (ensemble.numbered) packed_.leaf_numbers.reserve(children);
  }

  bool add(const Tree& tree) override {
    const std::size_t children = used_ + count_children(tree);
    if (children > children_max_) return false;
    packed_.lines.resize(lines_for(children));
    if (ensemble_.numbered) packed_.leaf_numbers.resize(children);
    if (tree.nodes.empty()) {
      packed_.roots.push_back(makers_.root_of_leaf(static_cast<std::uint32_t>(used_)));
      put(tree, ~0, used_);
      put(tree, ~0, used_ + 1);
      used_ += 2;
      packed_.steps.push_back(0);
    } else {
      add_decisions(tree);
    }
    packed_.outputs.push_back(tree.output);
    return true;
  }

  AnyPacked finish() override { return std::move(packed_); }

 private:
  static constexpr std::size_t kPerLine = kLineBytes / sizeof(Node);
  static constexpr std::size_t lines_for(std::size_t children) {
    return (children + kPerLine - 1) / kPerLine;
  }

  Node& at(std::size_t index) { return packed_.lines[index / kPerLine].nodes[index % kPerLine]; }

  void add_decisions(const Tree& tree) {
    const auto& order = placement_.order(tree, used_ / 2);
    child_of_.resize(tree.nodes.size());
    for (const std::int32_t node : order) {
      child_of_[static_cast<std::size_t>(node)] = static_cast<std::uint32_t>(used_);
      used_ += 2;
    }
    packed_.roots.push_back(makers_.decision(tree.nodes[0], child_of_[0]));
    packed_.steps.push_back(steps_of(tree, order));
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      put(tree, tree.nodes[i].left, child_of_[i]);
      put(tree, tree.nodes[i].right, child_of_[i] + 1);
    }
  }

  // In `order` parents stand before their children.
  std::uint8_t steps_of(const Tree& tree, std::span<const std::int32_t> order) {
    std::uint32_t most = 0;
    depths_.assign(tree.nodes.size(), 0);
    for (const std::int32_t node : order) {
      const auto at = static_cast<std::size_t>(node);
      most = std::max(most, depths_[at]);
      for (const std::int32_t child : {tree.nodes[at].left, tree.nodes[at].right}) {
        if (child >= 0) depths_[static_cast<std::size_t>(child)] = depths_[at] + 1;
      }
    }
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(most, kStepsMax));
  }

  void put(const Tree& tree, std::int32_t child, std::size_t index) {
    if (child >= 0) {
      const auto node = static_cast<std::size_t>(child);
      at(index) = makers_.decision(tree.nodes[node], child_of_[node]);
    } else {
      const std::int32_t leaf = ~child;
      const auto row =
          std::span(tree.leaf_values)
              .subspan(static_cast<std::size_t>(leaf) * ensemble_.width, ensemble_.width);
      const std::size_t number = makers_.keeps_leaf_values() ? leaf_rows_.number_of(row) : 0;
      at(index) = makers_.leaf(number, row.front(), static_cast<std::uint32_t>(index));
      if (ensemble_.numbered) {
        packed_.leaf_numbers[index] = tree.leaf_numbers[static_cast<std::size_t>(leaf)];
      }
    }
  }

  const Ensemble& ensemble_;
  const Makers makers_;
  const std::size_t children_max_;
  Packed<Node> packed_;
  Placement placement_;
  std::vector<std::uint32_t> child_of_;
  std::vector<std::uint32_t> depths_;  // Of each decision of a tree.
  std::size_t used_ = 0;
  LeafTable leaf_rows_;
};

struct WideMakers {
  const Ensemble& ensemble;
  std::uint32_t feature_bits = 0;

  WideNode leaf(std::size_t leaf, double value, std::uint32_t self) const {
    return wide_leaf(ensemble, leaf, value, self);
  }
  WideNode decision(const Node& node, std::uint32_t child) const {
    return wide_decision(ensemble, node, child);
  }
  WideNode root_of_leaf(std::uint32_t child) const { return wide_leaf(ensemble, 0, 0, child); }
  bool keeps_leaf_values() const { return ensemble.width > 1; }
};

struct NarrowMakers {
  const Ensemble& ensemble;
  std::uint32_t feature_bits;

  NarrowNode leaf(std::size_t leaf, double value, std::uint32_t self) const {
    return {.threshold = keeps_leaf_values()
                             ? static_cast<std::int32_t>(leaf)
                             : std::bit_cast<std::int32_t>(static_cast<float>(value)),
            .link = link(self, false, ensemble.features)};
  }
  NarrowNode decision(const Node& node, std::uint32_t child) const {
    return {.threshold = key_of<std::int32_t>(static_cast<double>(floor_to_float(node.threshold))),
            .link = link(child, nan_goes_left(node, ensemble), node.feature)};
  }
  NarrowNode root_of_leaf(std::uint32_t child) const { return leaf(0, 0, child); }
  bool keeps_leaf_values() const { return ensemble.width > 1 || !ensemble.float32_sum; }

 private:
  std::uint32_t link(std::uint32_t child, bool nan_left, std::size_t feature) const {
    return (((child << 1U) | (nan_left ? 1U : 0U)) << feature_bits) |
           static_cast<std::uint32_t>(feature);
  }
};

}  // namespace

std::size_t count_children(const Tree& tree) {
  return 2 * std::max<std::size_t>(tree.nodes.size(), 1);
}

std::unique_ptr<Packing> start_packing(const Ensemble& shape, std::size_t children, bool plain) {
  // The number behind the last feature, kNever's, must fit too.
  const auto feature_bits = static_cast<std::uint32_t>(std::bit_width(shape.features));
  const std::size_t narrow_max =
      feature_bits < 31 ? (std::size_t{1} << (31 - feature_bits)) - 1 : 0;
  if (shape.float32_input && plain && children <= narrow_max) {
    return std::make_unique<Packer<NarrowNode, NarrowMakers>>(
        shape, NarrowMakers{shape, feature_bits}, children, narrow_max);
  }
  return std::make_unique<Packer<WideNode, WideMakers>>(shape, WideMakers{shape}, children,
                                                        kChildrenMax);
}

}  // namespace forest
