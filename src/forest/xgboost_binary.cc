// The binary form, of releases up to 3.0, all little-endian and one behind another:
//
//   "binf"                              not always
//   base_score f32, num_feature u32, num_class i32, has attributes i32, has metrics i32,
//   major u32, minor u32, num_target u32, 26 words of nothing     release fields: 0 before 1.0
//   objective, booster                  each a length u64 and so many bytes
//   gbtree, dart:
//     num_trees i32, num_parallel_tree i32, num_feature i32, nothing i32, nothing i64,
//     outputs i32, size_leaf_vector i32, 32 words of nothing
//     for each tree
//       num_roots, num_nodes, num_deleted, max_depth, num_feature, size_leaf_vector: i32,
//       31 words of nothing
//       for each node: parent i32, left i32, right i32, feature u32 (bit 31: missing goes left),
//       threshold or leaf value f32
//       for each node: four words of statistics
//     for each tree the output that it adds to: i32
//     dart: a length u64 and so many weights f32
//   gblinear:
//     num_feature u32, outputs i32, 32 words of nothing, a length u64 and so many weights f32
//   attributes                          a count u64, and texts: name, value, name, ...

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "forest/xgboost_parts.h"

namespace forest {
namespace {

constexpr std::size_t kLearnerBytes = 136;
constexpr std::size_t kTreesHeadBytes = 160;
constexpr std::size_t kTreeHeadBytes = 148;
constexpr std::size_t kNodeBytes = 20;
constexpr std::size_t kStatBytes = 16;
constexpr std::size_t kLinearHeadBytes = 136;
constexpr std::size_t kNameBytesMax = 256;
constexpr std::uint32_t kDefaultLeftFlag = 1U << 31U;

base::Error ended_in_xgb(std::string_view what) {
  return {base::Code::Corrupt, fmt::format("XGBoost's binary model ends within its {}", what)};
}

template <typename T>
T xgb_word_at(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}

  base::Result<std::string_view> take(std::size_t count, std::string_view what) {
    if (count > rest_.size()) return ended_in_xgb(what);
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  // A length of 8 bytes, and so many elements of `width` bytes.
  base::Result<std::string_view> take_counted(std::size_t width, std::string_view what) {
    TRY_ASSIGN(const std::string_view head, take(8, what));
    const auto count = xgb_word_at<std::uint64_t>(head, 0);
    if (count > rest_.size() / width) return ended_in_xgb(what);
    return take(static_cast<std::size_t>(count) * width, what);
  }

  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::vector<float> xgb_floats_of(std::string_view bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

base::Result<std::size_t> xgb_count_at(std::string_view bytes, std::size_t at,
                                       std::string_view what) {
  const auto value = xgb_word_at<std::int32_t>(bytes, at);
  if (value >= 0) return static_cast<std::size_t>(value);
  return base::Error(base::Code::Corrupt, fmt::format("{}: expected a count, got {}", what, value));
}

base::Result<void> read_binary_tree(BinaryReader& reader, bool with_splits, XgbModel& model,
                                    Tree& tree) {
  TRY_ASSIGN(const std::string_view head, reader.take(kTreeHeadBytes, "trees"));
  TRY_ASSIGN(const std::size_t count, xgb_count_at(head, 4, "nodes"));
  TRY_ASSIGN(const std::size_t width, xgb_count_at(head, 20, "values of a leaf"));
  if (width > 1) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("values of a leaf: expected 1, got {}", width));
  }
  TRY_ASSIGN(const std::string_view bytes, reader.take(count * kNodeBytes, "trees"));
  TRY_ASSIGN(const std::string_view stat_bytes, reader.take(count * kStatBytes, "trees"));
  std::vector<XgbNode> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view node = bytes.substr(i * kNodeBytes, kNodeBytes);
    const auto feature = xgb_word_at<std::uint32_t>(node, 12);
    nodes[i].left = xgb_word_at<std::int32_t>(node, 4);
    nodes[i].right = xgb_word_at<std::int32_t>(node, 8);
    nodes[i].feature = feature & ~kDefaultLeftFlag;
    nodes[i].default_left = (feature & kDefaultLeftFlag) != 0;
    nodes[i].value = xgb_word_at<float>(node, 16);
  }
  XgbBitsBudget none;
  TRY_ASSIGN(tree, make_xgb_tree(nodes, {}, none, model.ensemble));
  if (!with_splits) return {};
  std::vector<XgbStat> stats(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view stat = stat_bytes.substr(i * kStatBytes, kStatBytes);
    stats[i] = {.gain = xgb_word_at<float>(stat, 0), .cover = xgb_word_at<float>(stat, 4)};
  }
  add_xgb_splits(nodes, stats, model);
  return {};
}

base::Result<void> read_binary_trees(BinaryReader& reader, bool with_splits, XgbModel& model) {
  TRY_ASSIGN(const std::string_view head, reader.take(kTreesHeadBytes, "trees"));
  TRY_ASSIGN(const std::size_t count, xgb_count_at(head, 0, "trees"));
  std::vector<Tree> trees;
  for (std::size_t i = 0; i < count; ++i) {
    auto read = read_binary_tree(reader, with_splits, model, trees.emplace_back());
    if (!read.ok()) return std::move(read).error().within(fmt::format("tree {}", i));
  }
  TRY_ASSIGN(const std::string_view outputs, reader.take(count * 4, "trees"));
  for (std::size_t i = 0; i < count; ++i) {
    add_xgb_tree(std::move(trees[i]), xgb_word_at<std::uint32_t>(outputs, i * 4), model);
  }
  const auto parallel = xgb_word_at<std::int32_t>(head, 4);
  set_iterations(static_cast<std::size_t>(std::max(parallel, 1)), model);
  if (model.booster != "dart" || count == 0) return {};
  TRY_ASSIGN(const std::string_view weights, reader.take_counted(4, "weights of trees"));
  return set_weights(xgb_floats_of(weights), model);
}

base::Result<void> read_binary_booster(BinaryReader& reader, bool with_splits, XgbModel& model) {
  if (model.booster == "gbtree" || model.booster == "dart") {
    return read_binary_trees(reader, with_splits, model);
  }
  if (model.booster != "gblinear") {
    return base::Error(base::Code::Unsupported,
                       fmt::format("booster: expected gbtree, dart or gblinear, got {}",
                                   base::quote(model.booster)));
  }
  TRY(reader.take(kLinearHeadBytes, "weights"));
  TRY_ASSIGN(const std::string_view weights, reader.take_counted(4, "weights"));
  model.linear = xgb_floats_of(weights);
  return {};
}

base::Result<void> read_binary_attributes(BinaryReader& reader, XgbModel& model) {
  TRY_ASSIGN(const std::string_view head, reader.take(8, "attributes"));
  const auto count = xgb_word_at<std::uint64_t>(head, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY_ASSIGN(const std::string_view name, reader.take_counted(1, "attributes"));
    TRY_ASSIGN(const std::string_view value, reader.take_counted(1, "attributes"));
    model.attributes.emplace_back(name, value);
  }
  return {};
}

// Those that XGBoost has had, and a user's own would be refused by it too.
bool is_xgb_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-' ||
           (c >= 'A' && c <= 'Z');
  });
}

}  // namespace

base::Result<XgbModel> read_xgb_binary(std::string_view bytes, bool with_splits) {
  if (bytes.starts_with("binf")) bytes.remove_prefix(4);
  BinaryReader reader(bytes);
  TRY_ASSIGN(const std::string_view head, reader.take(kLearnerBytes, "parameters"));
  XgbModel model;
  model.base_scores = {xgb_word_at<float>(head, 0)};
  model.ensemble.features = xgb_word_at<std::uint32_t>(head, 4);
  TRY_ASSIGN(model.classes, xgb_count_at(head, 8, "classes"));
  const bool has_attributes = xgb_word_at<std::int32_t>(head, 12) != 0;
  model.major = static_cast<int>(xgb_word_at<std::uint32_t>(head, 20) & 0xFFFFU);
  model.minor = static_cast<int>(xgb_word_at<std::uint32_t>(head, 24) & 0xFFFFU);
  model.base_is_margin = model.major == 0;
  const auto targets = xgb_word_at<std::uint32_t>(head, 28);
  model.ensemble.outputs =
      std::max({model.classes, model.major > 0 ? std::size_t{targets} : 0, std::size_t{1}});
  if (model.ensemble.outputs > (1U << 20U)) {
    return base::Error(base::Code::Corrupt, fmt::format("expected at most {} outputs, got {}",
                                                        1U << 20U, model.ensemble.outputs));
  }
  TRY_ASSIGN(model.objective, reader.take_counted(1, "objective"));
  TRY_ASSIGN(model.booster, reader.take_counted(1, "booster"));
  TRY(read_binary_booster(reader, with_splits, model));
  if (has_attributes) TRY(read_binary_attributes(reader, model));
  return model;
}

bool looks_like_xgb_binary(std::string_view bytes) {
  if (bytes.size() < kLearnerBytes + 8) return false;
  const auto name = xgb_word_at<std::uint64_t>(bytes, kLearnerBytes);
  if (name == 0 || name > kNameBytesMax || name > bytes.size() - kLearnerBytes - 8) return false;
  const std::string_view objective =
      bytes.substr(kLearnerBytes + 8, static_cast<std::size_t>(name));
  const std::string_view rest = bytes.substr(kLearnerBytes + 8 + objective.size());
  if (!is_xgb_name(objective) || rest.size() < 8) return false;
  const auto booster = xgb_word_at<std::uint64_t>(rest, 0);
  const std::string_view boosters[] = {"gbtree", "dart", "gblinear"};
  return std::any_of(std::begin(boosters), std::end(boosters), [&](std::string_view each) {
    return booster == each.size() && rest.substr(8).starts_with(each);
  });
}

}  // namespace forest
