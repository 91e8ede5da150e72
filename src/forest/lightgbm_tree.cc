// One tree of the text model, a list of numbers a line:
//
//   num_leaves=4                       n leaves, n - 1 decisions; a single leaf has no decisions
//   num_cat=1                          bit sets
//   split_feature=0 3 0                per decision
//   threshold=0.349 0 -1.15            per decision; categorical: the number of its bit set
//   decision_type=10 1 8               bit 0: categorical, bit 1: default left, bits 2-3: missing
//   left_child=1 -1 -3                 per decision; negative: leaf ~child
//   right_child=-2 2 -4
//   leaf_value=0.84 1.08 0.86 1.00     per leaf
//   cat_boundaries=0 1                 bit set i: words [i, i + 1) of
//   cat_threshold=9                    these
//   is_linear=0                        1: with the four lines that follow
//   leaf_const=-1.29 -1.30 ...         per leaf
//   num_features=0 2 ...               per leaf, so many of
//   leaf_features= 0 8  5 ...          these, with spaces between, and of
//   leaf_coeff= 0.004 0.0005 ...       these
//
// and others that say how it was grown. Empty lines end it.

#include "forest/lightgbm_tree.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "forest/lightgbm_text.h"

namespace forest {
namespace {

enum TreeKey : std::size_t {
  NumLeaves,
  NumCat,
  SplitFeature,
  Threshold,
  DecisionType,
  LeftChild,
  RightChild,
  LeafValue,
  CatBoundaries,
  CatThreshold,
  IsLinear,
  LeafConst,
  NumFeatures,
  LeafFeatures,
  LeafCoeff,
};

constexpr std::size_t kTreeKeys = LeafCoeff + 1;

constexpr std::array<std::string_view, kTreeKeys> kTreeKeyNames = {
    "num_leaves", "num_cat",     "split_feature", "threshold",      "decision_type",
    "left_child", "right_child", "leaf_value",    "cat_boundaries", "cat_threshold",
    "is_linear",  "leaf_const",  "num_features",  "leaf_features",  "leaf_coeff",
};

// The lines of a tree by their keys.
class Lines {
 public:
  static base::Result<Lines> read(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
      const KeyValue line = split_line(take_line(text));
      const auto* name = std::find(kTreeKeyNames.begin(), kTreeKeyNames.end(), line.key);
      if (name == kTreeKeyNames.end()) continue;
      auto& value = lines.values_[static_cast<std::size_t>(name - kTreeKeyNames.begin())];
      if (value) {
        return base::Error{base::Code::Corrupt,
                           fmt::format("{} is said twice", base::quote(line.key))};
      }
      value = line.value;
    }
    return lines;
  }

  bool has(TreeKey key) const { return values_[key].has_value(); }

  base::Result<KeyValue> need(TreeKey key) const {
    if (!values_[key]) {
      return base::Error{base::Code::Corrupt,
                         fmt::format("{} is missing", base::quote(kTreeKeyNames[key]))};
    }
    return KeyValue{kTreeKeyNames[key], *values_[key]};
  }

  template <typename T>
  base::Result<T> number(TreeKey key) const {
    TRY_ASSIGN(const KeyValue line, need(key));
    T value{};
    if (!read_number(line.value, value)) return wrong_value(line.key, "a number", line.value);
    return value;
  }

  template <typename T>
  base::Result<std::vector<T>> numbers(TreeKey key, std::size_t count) const {
    TRY_ASSIGN(const KeyValue line, need(key));
    std::vector<T> values;
    TRY(read_numbers(line, count, values));
    return values;
  }

 private:
  std::array<std::optional<std::string_view>, kTreeKeys> values_;
};

// LightGBM reads a value within kZeroThreshold of zero as zero before any tree sees it, so a
// threshold in that range parts the values as one at its edge does.
double widened(double threshold) {
  if (!(std::abs(threshold) <= kZeroThreshold)) return threshold;
  if (threshold >= 0) return kZeroThreshold;
  return std::nextafter(-kZeroThreshold, -std::numeric_limits<double>::infinity());
}

constexpr int kCategoricalBit = 1;
constexpr int kDefaultLeftBit = 2;

base::Result<void> set_decision_type(int type, Node& node) {
  const int missing = type >> 2;
  if (type < 0 || missing > static_cast<int>(Missing::Nan)) {
    return base::Error{base::Code::Corrupt,
                       fmt::format("\"decision_type\": expected 0 to 11, got {}", type)};
  }
  node.categorical = (type & kCategoricalBit) != 0;
  node.missing = static_cast<Missing>(missing);
  node.default_left = (type & kDefaultLeftBit) != 0 && !node.categorical;
  return {};
}

// The bit sets of a tree, as places in the ensemble's.
struct BitSets {
  std::vector<std::uint32_t> boundaries;

  base::Result<void> set(double threshold, Node& node) const {
    const std::size_t count = boundaries.empty() ? 0 : boundaries.size() - 1;
    if (!(threshold >= 0 && threshold < static_cast<double>(count)) ||
        threshold != std::floor(threshold)) {
      return base::Error{
          base::Code::Corrupt,
          fmt::format("\"threshold\": expected a bit set below {}, got {}", count, threshold)};
    }
    const auto index = static_cast<std::size_t>(threshold);
    node.bits_begin = boundaries[index];
    node.bits_end = boundaries[index + 1];
    return {};
  }
};

base::Result<BitSets> add_bit_sets(const Lines& lines, std::size_t count, Ensemble& ensemble) {
  if (count == 0) return BitSets{};
  TRY_ASSIGN(const KeyValue line, lines.need(CatBoundaries));
  BitSets sets;
  if (count == std::numeric_limits<std::size_t>::max()) {
    return wrong_value(line.key, "fewer bit sets", line.value);
  }
  TRY(read_numbers(line, count + 1, sets.boundaries));
  if (sets.boundaries.front() != 0 ||
      !std::is_sorted(sets.boundaries.begin(), sets.boundaries.end())) {
    return wrong_value(line.key, "ascending numbers from 0", line.value);
  }
  TRY_ASSIGN(const auto words, lines.numbers<std::uint32_t>(CatThreshold, sets.boundaries.back()));
  const std::size_t begin = ensemble.bits.size();
  if (begin + words.size() > std::numeric_limits<std::uint32_t>::max()) {
    return base::Error{base::Code::Unsupported, "expected fewer than 2^32 words of bit sets"};
  }
  ensemble.bits.insert(ensemble.bits.end(), words.begin(), words.end());
  for (std::uint32_t& boundary : sets.boundaries) boundary += static_cast<std::uint32_t>(begin);
  return sets;
}

base::Result<void> set_decision(int type, double threshold, const BitSets& sets, Node& node) {
  TRY(set_decision_type(type, node));
  if (node.categorical) return sets.set(threshold, node);
  node.threshold = widened(threshold);
  return {};
}

base::Result<std::vector<Node>> read_nodes(const Lines& lines, std::size_t count,
                                           Ensemble& ensemble) {
  TRY_ASSIGN(const auto bit_set_count, lines.number<std::size_t>(NumCat));
  TRY_ASSIGN(const BitSets bit_sets, add_bit_sets(lines, bit_set_count, ensemble));
  TRY_ASSIGN(const auto features, lines.numbers<std::uint32_t>(SplitFeature, count));
  TRY_ASSIGN(const auto thresholds, lines.numbers<double>(Threshold, count));
  TRY_ASSIGN(const auto left, lines.numbers<std::int32_t>(LeftChild, count));
  TRY_ASSIGN(const auto right, lines.numbers<std::int32_t>(RightChild, count));
  std::vector<int> types(count, 0);  // The oldest files have numerical decisions only.
  if (lines.has(DecisionType)) {
    TRY_ASSIGN(types, lines.numbers<int>(DecisionType, count));
  }
  std::vector<Node> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    nodes[i].feature = features[i];
    nodes[i].left = left[i];
    nodes[i].right = right[i];
    TRY(set_decision(types[i], thresholds[i], bit_sets, nodes[i]));
  }
  return nodes;
}

// All numbers of a line with any number of spaces between them.
template <typename T>
base::Result<std::vector<T>> spaced_numbers(KeyValue line, std::size_t count) {
  std::vector<T> values;
  std::string_view rest = line.value;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) break;
    const std::string_view word = rest.substr(0, rest.find(' '));
    T value{};
    if (values.size() == count || !read_number(word, value)) {
      return wrong_value(line.key, fmt::format("{} numbers", count), rest);
    }
    values.push_back(value);
    rest.remove_prefix(word.size());
  }
  if (values.size() == count) return values;
  return wrong_value(line.key, fmt::format("{} numbers", count), line.value);
}

base::Result<LinearLeaves> read_linear(const Lines& lines, std::size_t leaves,
                                       std::size_t features) {
  LinearLeaves linear;
  TRY_ASSIGN(linear.constants, lines.numbers<double>(LeafConst, leaves));
  TRY_ASSIGN(const auto counts, lines.numbers<std::uint32_t>(NumFeatures, leaves));
  linear.begins = {0};
  for (const std::uint32_t count : counts) linear.begins.push_back(linear.begins.back() + count);
  const std::size_t all = linear.begins.back();
  TRY_ASSIGN(const KeyValue of, lines.need(LeafFeatures));
  TRY_ASSIGN(linear.features, spaced_numbers<std::uint32_t>(of, all));
  TRY_ASSIGN(const KeyValue by, lines.need(LeafCoeff));
  TRY_ASSIGN(linear.coefficients, spaced_numbers<double>(by, all));
  for (const std::uint32_t feature : linear.features) {
    if (feature < features) continue;
    return wrong_value(of.key, fmt::format("features below {}", features), std::to_string(feature));
  }
  return linear;
}

}  // namespace

base::Result<void> add_lightgbm_tree(std::string_view text, LightGbmModel& model) {
  TRY_ASSIGN(const Lines lines, Lines::read(text));
  TRY_ASSIGN(const auto leaves, lines.number<std::size_t>(NumLeaves));
  if (leaves == 0) return wrong_value("num_leaves", "at least 1", "0");
  Tree tree;
  TRY_ASSIGN(tree.leaf_values, lines.numbers<double>(LeafValue, leaves));
  if (leaves > 1) {
    TRY_ASSIGN(tree.nodes, read_nodes(lines, leaves - 1, model.ensemble));
  }
  model.ensemble.trees.push_back(std::move(tree));
  model.linear.emplace_back();
  int linear = 0;
  if (lines.has(IsLinear)) {
    TRY_ASSIGN(linear, lines.number<int>(IsLinear));
  }
  if (linear != 0) {
    TRY_ASSIGN(model.linear.back(), read_linear(lines, leaves, model.ensemble.features));
  }
  return {};
}

}  // namespace forest
