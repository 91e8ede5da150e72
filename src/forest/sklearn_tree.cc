#include "forest/sklearn_tree.h"

#include <fmt/format.h>

#include <limits>
#include <string_view>
#include <vector>

namespace forest {
namespace {

constexpr std::int64_t kLeaf = -1;

base::Result<void> check_length(std::string_view array, std::size_t length, std::size_t expected) {
  if (length == expected) return {};
  return base::Error{base::Code::Corrupt,
                     fmt::format("\"{}\": expected {} elements, got {}", array, expected, length)};
}

base::Result<void> check_lengths(const SklearnTree& arrays, std::size_t width) {
  const std::size_t count = arrays.children_left.size();
  if (count == 0 || count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    return base::Error{base::Code::Corrupt,
                       fmt::format("expected 1 to 2^31 - 1 nodes, got {}", count)};
  }
  TRY(check_length("children_right", arrays.children_right.size(), count));
  TRY(check_length("feature", arrays.feature.size(), count));
  TRY(check_length("threshold", arrays.threshold.size(), count));
  if (!arrays.missing_go_to_left.empty()) {
    TRY(check_length("missing_go_to_left", arrays.missing_go_to_left.size(), count));
  }
  if (width == 0 || arrays.values.size() / width != count) {
    return base::Error{base::Code::Corrupt,
                       fmt::format("\"values\": expected {} x {} elements, got {}", count, width,
                                   arrays.values.size())};
  }
  return check_length("values", arrays.values.size(), count * width);
}

// scikit-learn numbers nodes and leaves together; our form numbers each by itself.
struct Numbering {
  std::vector<std::int32_t> numbers;  // Negative: ~leaf.
  std::int32_t nodes = 0;
  std::int32_t leaves = 0;
};

Numbering renumber(const base::Strided<std::int64_t>& children_left) {
  Numbering made;
  made.numbers.resize(children_left.size());
  for (std::size_t i = 0; i < made.numbers.size(); ++i) {
    made.numbers[i] = children_left[i] == kLeaf ? ~made.leaves++ : made.nodes++;
  }
  return made;
}

bool is_feature(std::int64_t feature) {
  return feature >= 0 && feature <= std::numeric_limits<std::int32_t>::max();
}

bool is_child(std::int64_t child, std::size_t count) {
  return child >= 0 && static_cast<std::uint64_t>(child) < count;
}

// What is wrong with a node that make_node refuses.
base::Error bad_node(const SklearnTree& arrays, std::size_t at) {
  const std::size_t count = arrays.children_left.size();
  const std::int64_t left = arrays.children_left[at];
  const std::int64_t child = is_child(left, count) ? arrays.children_right[at] : left;
  return base::Error{base::Code::Corrupt,
                     is_feature(arrays.feature[at])
                         ? fmt::format("expected a child below {}, got {}", count, child)
                         : fmt::format("expected a feature, got {}", arrays.feature[at])}
      .within(fmt::format("node {}", at));
}

bool make_node(const SklearnTree& arrays, std::size_t at, const std::vector<std::int32_t>& numbers,
               Node& node) {
  const std::int64_t feature = arrays.feature[at];
  const std::int64_t left = arrays.children_left[at];
  const std::int64_t right = arrays.children_right[at];
  if (!is_feature(feature) || !is_child(left, numbers.size()) || !is_child(right, numbers.size())) {
    return false;
  }
  node.threshold = arrays.threshold[at];
  node.feature = static_cast<std::uint32_t>(feature);
  node.left = numbers[static_cast<std::size_t>(left)];
  node.right = numbers[static_cast<std::size_t>(right)];
  // Before 1.3, and for features without missing values in training, NaN fails `<=`.
  node.missing = Missing::Nan;
  node.default_left = !arrays.missing_go_to_left.empty() && arrays.missing_go_to_left[at] != 0;
  return true;
}

}  // namespace

base::Result<Tree> make_sklearn_tree(const SklearnTree& arrays, std::size_t width,
                                     std::uint32_t output) {
  TRY(check_lengths(arrays, width));
  const auto [numbers, nodes, leaves] = renumber(arrays.children_left);
  Tree tree;
  tree.output = output;
  tree.nodes.reserve(static_cast<std::size_t>(nodes));
  tree.leaf_values.reserve(static_cast<std::size_t>(leaves) * width);
  tree.leaf_numbers.reserve(static_cast<std::size_t>(leaves));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] >= 0) {
      if (!make_node(arrays, i, numbers, tree.nodes.emplace_back())) return bad_node(arrays, i);
      continue;
    }
    tree.leaf_numbers.push_back(static_cast<std::uint32_t>(i));
    for (std::size_t k = i * width; k < (i + 1) * width; ++k) {
      tree.leaf_values.push_back(arrays.values[k]);
    }
  }
  return tree;
}

}  // namespace forest
