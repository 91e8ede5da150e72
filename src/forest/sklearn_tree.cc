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

// scikit-learn numbers nodes and leaves together; our form numbers each by itself. Negative: ~leaf.
std::vector<std::int32_t> renumber(std::span<const std::int64_t> children_left) {
  std::vector<std::int32_t> numbers;
  numbers.reserve(children_left.size());
  std::int32_t nodes = 0;
  std::int32_t leaves = 0;
  for (const std::int64_t left : children_left) {
    numbers.push_back(left == kLeaf ? ~leaves++ : nodes++);
  }
  return numbers;
}

base::Result<std::int32_t> child(std::int64_t index, const std::vector<std::int32_t>& numbers) {
  if (index < 0 || static_cast<std::size_t>(index) >= numbers.size()) {
    return base::Error{base::Code::Corrupt,
                       fmt::format("expected a child below {}, got {}", numbers.size(), index)};
  }
  return numbers[static_cast<std::size_t>(index)];
}

base::Result<Node> make_node(const SklearnTree& arrays, std::size_t at,
                             const std::vector<std::int32_t>& numbers) {
  const std::int64_t feature = arrays.feature[at];
  if (feature < 0 || feature > std::numeric_limits<std::int32_t>::max()) {
    return base::Error{base::Code::Corrupt, fmt::format("expected a feature, got {}", feature)};
  }
  Node node;
  node.threshold = arrays.threshold[at];
  node.feature = static_cast<std::uint32_t>(feature);
  TRY_ASSIGN(node.left, child(arrays.children_left[at], numbers));
  TRY_ASSIGN(node.right, child(arrays.children_right[at], numbers));
  // Before 1.3, and for features without missing values in training, NaN fails `<=`.
  node.missing = Missing::Nan;
  node.default_left = !arrays.missing_go_to_left.empty() && arrays.missing_go_to_left[at] != 0;
  return node;
}

}  // namespace

base::Result<Tree> make_sklearn_tree(const SklearnTree& arrays, std::size_t width,
                                     std::uint32_t output) {
  TRY(check_lengths(arrays, width));
  const std::vector<std::int32_t> numbers = renumber(arrays.children_left);
  Tree tree;
  tree.output = output;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] < 0) {
      const auto values = arrays.values.subspan(i * width, width);
      tree.leaf_values.insert(tree.leaf_values.end(), values.begin(), values.end());
      continue;
    }
    auto node = make_node(arrays, i, numbers);
    if (!node.ok()) return std::move(node).error().within(fmt::format("node {}", i));
    tree.nodes.push_back(*node);
  }
  return tree;
}

}  // namespace forest
