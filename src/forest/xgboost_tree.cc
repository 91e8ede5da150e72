// One tree of the JSON and UBJSON forms, an array with an element for each node:
//
//   left_children, right_children      -1 of a leaf; with several values for each leaf the right
//                                      child of one is the number of its row in leaf_weights
//   split_indices                      features
//   split_conditions                   x < this goes left; of a leaf its value
//   default_left                       where a missing value goes
//   split_type                         1: by category; not before 1.3
//   categories_nodes, _segments, _sizes, categories     which go right
//   leaf_weights                       several values for each leaf, since 3.1
//   base_weights                       until then those of all nodes
//   tree_param.size_leaf_vector        how many values a leaf has; 0 and 1 are one

#include "forest/xgboost_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace forest {
namespace {

constexpr std::int32_t kCategoryMax = 1 << 24;

base::Error corrupt_tree(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

// Makes a Tree of XGBoost's nodes, from the root down.
class TreeMaker {
 public:
  TreeMaker(std::span<const XgbNode> nodes, XgbLeaves leaves, XgbBitsBudget& budget,
            Ensemble& ensemble)
      : nodes_(nodes), leaves_(leaves), budget_(budget), ensemble_(ensemble) {}

  base::Result<Tree> make() && {
    if (nodes_.empty()) return corrupt_tree("expected at least one node, got none");
    seen_.assign(nodes_.size(), false);
    TRY(number_nodes());
    for (const std::int32_t at : order_) {
      TRY(add_decision(nodes_[static_cast<std::size_t>(at)]));
    }
    return std::move(made_);
  }

 private:
  // Numbers each node and leaf in the order in which they are reached, breadth first.
  base::Result<void> number_nodes() {
    places_.assign(nodes_.size(), 0);
    std::vector<std::int32_t> reached = {0};
    seen_[0] = true;
    for (std::size_t i = 0; i < reached.size(); ++i) {
      const auto at = static_cast<std::size_t>(reached[i]);
      const XgbNode& node = nodes_[at];
      if (node.left == -1) {
        TRY(add_leaf_of(at));
        continue;
      }
      places_[at] = static_cast<std::int32_t>(order_.size());
      order_.push_back(reached[i]);
      for (const std::int32_t child : {node.left, node.right}) {
        if (child < 0 || static_cast<std::size_t>(child) >= nodes_.size() ||
            seen_[static_cast<std::size_t>(child)]) {
          return corrupt_tree(
              fmt::format("node {}: expected a child below {} that is no other's, got {}", at,
                          nodes_.size(), child));
        }
        seen_[static_cast<std::size_t>(child)] = true;
        reached.push_back(child);
      }
    }
    return {};
  }

  base::Result<void> add_leaf_of(std::size_t at) {
    places_[at] = ~static_cast<std::int32_t>(made_.leaf_numbers.size());
    made_.leaf_numbers.push_back(static_cast<std::uint32_t>(at));
    if (leaves_.values.empty()) {
      made_.leaf_values.push_back(static_cast<double>(nodes_[at].value));
      return {};
    }
    const std::int64_t row = leaves_.by_leaf ? nodes_[at].right : static_cast<std::int64_t>(at);
    const std::size_t rows = leaves_.values.size() / ensemble_.width;
    if (row < 0 || static_cast<std::size_t>(row) >= rows) {
      return corrupt_tree(fmt::format("node {}: expected a leaf below {}, got {}", at, rows, row));
    }
    const auto values =
        leaves_.values.subspan(static_cast<std::size_t>(row) * ensemble_.width, ensemble_.width);
    made_.leaf_values.insert(made_.leaf_values.end(), values.begin(), values.end());
    return {};
  }

  base::Result<void> add_decision(const XgbNode& from) {
    Node node;
    node.feature = from.feature;
    node.left = places_[static_cast<std::size_t>(from.left)];
    node.right = places_[static_cast<std::size_t>(from.right)];
    node.missing = Missing::Nan;
    node.default_left = from.default_left;
    node.categorical = from.categorical;
    if (from.categorical) {
      // Ours sends members left.
      std::swap(node.left, node.right);
      node.default_left = !from.default_left;
      TRY(add_bits(from.categories, node));
    } else {
      if (!std::isfinite(from.value)) {
        return corrupt_tree(fmt::format("expected a finite threshold, got {}", from.value));
      }
      // x < t of floats is x <= the float before t.
      node.threshold =
          static_cast<double>(std::nextafter(from.value, -std::numeric_limits<float>::infinity()));
    }
    made_.nodes.push_back(node);
    return {};
  }

  base::Result<void> add_bits(std::span<const std::int32_t> categories, Node& node) {
    std::int32_t most = -1;
    for (const std::int32_t category : categories) {
      if (category < 0 || category >= kCategoryMax) {
        return corrupt_tree(
            fmt::format("expected categories below {}, got {}", kCategoryMax, category));
      }
      most = std::max(most, category);
    }
    const std::size_t words = static_cast<std::size_t>(most + 32) / 32;
    if (words > budget_.words_left) {
      return base::Error(base::Code::Unsupported,
                         "expected fewer categories, or smaller ones, for a file of this size");
    }
    budget_.words_left -= words;
    const std::size_t begin = ensemble_.bits.size();
    ensemble_.bits.resize(begin + words);
    if (ensemble_.bits.size() > std::numeric_limits<std::uint32_t>::max()) {
      return base::Error(base::Code::Unsupported, "expected fewer than 2^32 words of bit sets");
    }
    node.bits_begin = static_cast<std::uint32_t>(begin);
    node.bits_end = static_cast<std::uint32_t>(begin + words);
    for (const std::int32_t category : categories) {
      ensemble_.bits[begin + static_cast<std::size_t>(category / 32)] |=
          1U << static_cast<unsigned>(category % 32);
    }
    return {};
  }

  std::span<const XgbNode> nodes_;
  XgbLeaves leaves_;
  XgbBitsBudget& budget_;
  Ensemble& ensemble_;
  std::vector<bool> seen_;
  std::vector<std::int32_t> order_;   // Decisions.
  std::vector<std::int32_t> places_;  // Where each node is in the tree.
  Tree made_;
};

// The categories of decisions by category: node -> those that go right.
base::Result<void> set_categories(const ModelValue& value,
                                  const std::vector<std::int32_t>& categories,
                                  std::vector<XgbNode>& nodes) {
  TRY_ASSIGN(const auto at, value.numbers<std::uint32_t>("categories_nodes", std::nullopt));
  TRY_ASSIGN(const auto begins, value.numbers<std::int64_t>("categories_segments", at.size()));
  TRY_ASSIGN(const auto sizes, value.numbers<std::int64_t>("categories_sizes", at.size()));
  const auto all = static_cast<std::int64_t>(categories.size());
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (at[i] >= nodes.size() || begins[i] < 0 || sizes[i] < 0 || begins[i] > all ||
        sizes[i] > all - begins[i]) {
      return corrupt_tree(
          fmt::format("\"categories_nodes\": expected a node and a part of {} "
                      "categories, got node {}, {} from {} on",
                      all, at[i], sizes[i], begins[i]));
    }
    nodes[at[i]].categories =
        std::span(categories)
            .subspan(static_cast<std::size_t>(begins[i]), static_cast<std::size_t>(sizes[i]));
  }
  return {};
}

}  // namespace

base::Result<std::vector<XgbNode>> read_xgb_nodes(const ModelValue& value) {
  TRY_ASSIGN(const auto left, value.numbers<std::int32_t>("left_children", std::nullopt));
  const std::size_t count = left.size();
  TRY_ASSIGN(const auto right, value.numbers<std::int32_t>("right_children", count));
  TRY_ASSIGN(const auto features, value.numbers<std::uint32_t>("split_indices", count));
  TRY_ASSIGN(const auto values, value.numbers<float>("split_conditions", count));
  TRY_ASSIGN(const auto default_left, value.numbers<std::uint8_t>("default_left", count));
  std::vector<XgbNode> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    nodes[i].left = left[i];
    nodes[i].right = right[i];
    nodes[i].feature = features[i];
    nodes[i].value = values[i];
    nodes[i].default_left = default_left[i] != 0;
  }
  if (value.find("split_type") != nullptr) {
    TRY_ASSIGN(const auto types, value.numbers<std::uint8_t>("split_type", count));
    for (std::size_t i = 0; i < count; ++i) nodes[i].categorical = types[i] == 1;
  }
  return nodes;
}

base::Result<Tree> make_xgb_tree(std::span<const XgbNode> nodes, XgbLeaves leaves,
                                 XgbBitsBudget& budget, Ensemble& ensemble) {
  return TreeMaker(nodes, leaves, budget, ensemble).make();
}

base::Result<Tree> read_xgb_tree(const ModelValue& value, XgbBitsBudget& budget,
                                 Ensemble& ensemble) {
  TRY_ASSIGN(auto nodes, read_xgb_nodes(value));
  std::vector<std::int32_t> categories;
  if (const ModelValue* found = value.find("categories"); found != nullptr && found->count() > 0) {
    TRY_ASSIGN(categories, value.numbers<std::int32_t>("categories", std::nullopt));
  }
  if (value.find("categories_nodes") != nullptr) {
    TRY(set_categories(value, categories, nodes));
  }
  if (ensemble.width == 1) return make_xgb_tree(nodes, {}, budget, ensemble);
  const bool by_leaf = value.find("leaf_weights") != nullptr;
  const char* key = by_leaf ? "leaf_weights" : "base_weights";
  TRY_ASSIGN(const auto weights, value.numbers<float>(key, std::nullopt));
  return make_xgb_tree(nodes, {.values = weights, .by_leaf = by_leaf}, budget, ensemble);
}

}  // namespace forest
