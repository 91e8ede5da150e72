#include "forest/histogram_tree.h"

#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace forest {
namespace {

base::Error bad_histogram(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

template <typename Number>
bool is_long(const base::Strided<Number>& numbers, std::size_t count, bool may_be_empty = false) {
  return numbers.size() == count || (may_be_empty && numbers.empty());
}

base::Result<void> check_node_counts(const HistogramTree& arrays) {
  const std::size_t count = arrays.is_leaf.size();
  if (count == 0 || count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    return bad_histogram(fmt::format("expected 1 to 2^31 - 1 nodes, got {}", count));
  }
  const bool fits = is_long(arrays.left, count) && is_long(arrays.right, count) &&
                    is_long(arrays.feature, count) && is_long(arrays.threshold, count) &&
                    is_long(arrays.value, count) &&
                    is_long(arrays.missing_go_to_left, count, true) &&
                    is_long(arrays.is_categorical, count, true) &&
                    is_long(arrays.bitset, count, !arrays.is_categorical.size());
  return fits ? base::Result<void>()
              : bad_histogram(fmt::format("expected {} of each field", count));
}

// Which categories lead to the left: those that the split names, and where missing ones do, those
// that nobody knew.
base::Result<CategoryBits> left_categories(const HistogramTree& arrays, std::size_t at,
                                           std::size_t feature) {
  const std::int64_t index = arrays.bitset[at];
  if (index < 0 || static_cast<std::size_t>(index) >= arrays.left_bits.size()) {
    return bad_histogram(
        fmt::format("expected a bit set below {}, got {}", arrays.left_bits.size(), index));
  }
  if (feature >= arrays.known.size()) {
    return bad_histogram(fmt::format("expected a feature of categories, got {}", feature));
  }
  CategoryBits bits = arrays.left_bits[static_cast<std::size_t>(index)];
  if (arrays.missing_go_to_left.empty() || arrays.missing_go_to_left[at] == 0) return bits;
  for (std::size_t w = 0; w < bits.size(); ++w) bits[w] |= ~arrays.known[feature][w];
  return bits;
}

class HistogramReader {
 public:
  HistogramReader(const HistogramTree& arrays, std::vector<std::uint32_t>& bits)
      : arrays_(arrays), bits_(bits), numbers_(arrays.is_leaf.size()) {}

  base::Result<Tree> read(std::uint32_t output) {
    Tree tree;
    tree.output = output;
    std::int32_t nodes = 0;
    std::int32_t leaves = 0;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      numbers_[i] = arrays_.is_leaf[i] != 0 ? ~leaves++ : nodes++;
    }
    tree.nodes.reserve(static_cast<std::size_t>(nodes));
    tree.leaf_values.reserve(static_cast<std::size_t>(leaves));
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (numbers_[i] < 0) {
        tree.leaf_values.push_back(arrays_.value[i]);
        continue;
      }
      auto outcome = read_node(i, tree.nodes.emplace_back());
      if (!outcome.ok()) return std::move(outcome).error().within(fmt::format("node {}", i));
    }
    return tree;
  }

 private:
  base::Result<void> read_node(std::size_t at, Node& node) {
    const std::int64_t feature = arrays_.feature[at];
    if (feature < 0 || feature > std::numeric_limits<std::int32_t>::max()) {
      return bad_histogram(fmt::format("expected a feature, got {}", feature));
    }
    node.feature = static_cast<std::uint32_t>(feature);
    node.threshold = arrays_.threshold[at];
    TRY_ASSIGN(node.left, child(arrays_.left[at]));
    TRY_ASSIGN(node.right, child(arrays_.right[at]));
    node.missing = Missing::Nan;
    node.default_left = !arrays_.missing_go_to_left.empty() && arrays_.missing_go_to_left[at] != 0;
    if (arrays_.is_categorical.empty() || arrays_.is_categorical[at] == 0) return {};
    TRY_ASSIGN(const CategoryBits set, left_categories(arrays_, at, node.feature));
    node.categorical = true;
    node.bits_begin = static_cast<std::uint32_t>(bits_.size());
    bits_.insert(bits_.end(), set.begin(), set.end());
    node.bits_end = static_cast<std::uint32_t>(bits_.size());
    return {};
  }

  base::Result<std::int32_t> child(std::int64_t number) const {
    if (number >= 0 && static_cast<std::size_t>(number) < numbers_.size()) {
      return numbers_[static_cast<std::size_t>(number)];
    }
    return bad_histogram(fmt::format("expected a child below {}, got {}", numbers_.size(), number));
  }

  const HistogramTree& arrays_;
  std::vector<std::uint32_t>& bits_;
  std::vector<std::int32_t> numbers_;  // Of nodes; negative: ~leaf.
};

}  // namespace

base::Result<Tree> make_histogram_tree(const HistogramTree& arrays, std::uint32_t output,
                                       std::vector<std::uint32_t>& bits) {
  TRY(check_node_counts(arrays));
  constexpr std::size_t kBitsMax = std::numeric_limits<std::uint32_t>::max();
  if (bits.size() > kBitsMax - arrays.is_leaf.size() * CategoryBits{}.size()) {
    return base::Error{base::Code::Unsupported, "expected fewer splits by category, got more"};
  }
  return HistogramReader(arrays, bits).read(output);
}

}  // namespace forest
