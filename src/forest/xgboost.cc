// The JSON and UBJSON forms (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html):
//
//   version: [3, 2, 0]
//   learner
//     attributes                        best_iteration and whatever a user set: texts
//     feature_names, feature_types
//     learner_model_param               base_score, num_class, num_feature, num_target: texts
//     objective.name
//     gradient_booster
//       name: gbtree
//       model                           gbtree_model_param, tree_info, iteration_indptr, trees,
//       cats name: dart                      gbtree (as above), weight_drop name: gblinear
//       model.weights
//
// A pickled booster has its configuration before it: {"Config": ..., "Model": {...}}, or, in the
// binary form, "CONFIG-offset:", an 8-byte length, the model, the configuration.

#include "forest/xgboost.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "forest/model_value.h"
#include "forest/xgboost_parts.h"
#include "forest/xgboost_tree.h"

namespace forest {
namespace {

constexpr std::size_t kXgbOutputsMax = 1U << 20U;
constexpr std::string_view kConfigMark = "CONFIG-offset:";
constexpr std::size_t kFreeWords = std::size_t{1} << 18U;

base::Error corrupt_xgb(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

// A parameter, which XGBoost writes as a text; `absent` where an older release has none.
base::Result<std::size_t> parameter_of(const ModelValue& map, std::string_view key,
                                       std::optional<std::size_t> absent) {
  const ModelValue* found = map.find(key);
  if (found == nullptr && absent) return *absent;
  TRY_ASSIGN(const std::string_view text, map.text(key));
  const auto value = number_in<std::uint32_t>(text);
  if (value) return std::size_t{*value};
  return corrupt_xgb(
      fmt::format("{}: expected a whole number, got {}", base::quote(key), base::quote(text)));
}

// "5E-1", and since 3.1 "[5E-1]" with one for each output.
base::Result<std::vector<float>> read_base_scores(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  std::vector<float> scores;
  while (true) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const auto score = number_in<float>(rest.substr(0, end));
    if (!score) {
      return corrupt_xgb(
          fmt::format("\"base_score\": expected numbers, got {}", base::quote(text)));
    }
    scores.push_back(*score);
    if (end == rest.size()) return scores;
    rest.remove_prefix(end + 1);
  }
}

base::Result<std::vector<std::string>> read_texts(const ModelValue& map, std::string_view key) {
  std::vector<std::string> texts;
  const ModelValue* found = map.find(key);
  if (found == nullptr) return texts;
  for (const ModelValue& item : found->items()) {
    const auto text = item.text();
    if (!text || base::find_invalid_utf8(*text)) {
      return corrupt_xgb(fmt::format("{}: expected texts in UTF-8, got others", base::quote(key)));
    }
    texts.emplace_back(*text);
  }
  return texts;
}

base::Result<void> read_learner_parameters(const ModelValue& learner, XgbModel& model) {
  TRY_ASSIGN(const ModelValue* parameters, learner.get("learner_model_param"));
  TRY_ASSIGN(const std::string_view base_score, parameters->text("base_score"));
  TRY_ASSIGN(model.base_scores, read_base_scores(base_score));
  TRY_ASSIGN(model.classes, parameter_of(*parameters, "num_class", 0));
  TRY_ASSIGN(model.ensemble.features, parameter_of(*parameters, "num_feature", std::nullopt));
  TRY_ASSIGN(const std::size_t targets, parameter_of(*parameters, "num_target", 1));
  model.ensemble.outputs = std::max({model.classes, targets, std::size_t{1}});
  TRY_ASSIGN(const ModelValue* objective, learner.get("objective"));
  TRY_ASSIGN(model.objective, objective->text("name"));
  TRY_ASSIGN(model.feature_names, read_texts(learner, "feature_names"));
  TRY_ASSIGN(model.feature_types, read_texts(learner, "feature_types"));
  if (const ModelValue* attributes = learner.find("attributes")) {
    for (const ModelValue& each : attributes->items()) {
      if (const auto text = each.text()) model.attributes.emplace_back(each.key(), *text);
    }
  }
  return {};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & '\x80') == 0; });
}

// Categories that are texts: their bytes one after another, parted by `offsets`. Releases 3.1 and
// 3.2 count characters there, and so cut what is not ASCII short.
base::Result<XgbCategories> read_text_categories(const std::vector<std::uint32_t>& offsets,
                                                 std::string_view bytes, const XgbModel& model) {
  if (offsets.front() != 0 || offsets.back() != bytes.size() ||
      !std::is_sorted(offsets.begin(), offsets.end())) {
    return corrupt_xgb("\"cats\": expected offsets that part the values, got others");
  }
  if (!is_ascii(bytes) && (model.major < 3 || (model.major == 3 && model.minor <= 2))) {
    return base::Error(
        base::Code::Unsupported,
        "\"cats\": expected categories in ASCII, since XGBoost up to 3.2 keeps a part "
        "only of others, got others");
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    texts.emplace_back(bytes.substr(offsets[i], offsets[i + 1] - offsets[i]));
    if (!base::find_invalid_utf8(texts.back())) continue;
    return corrupt_xgb("\"cats\": expected categories in UTF-8, got others");
  }
  return XgbCategories(std::move(texts));
}

base::Result<XgbCategories> read_feature_categories(const ModelValue& value,
                                                    const XgbModel& model) {
  const ModelValue* offsets_value = value.find("offsets");
  if (offsets_value == nullptr) {
    TRY_ASSIGN(auto numbers, value.numbers<double>("values", std::nullopt));
    if (numbers.empty()) return XgbCategories();
    return XgbCategories(std::move(numbers));
  }
  TRY_ASSIGN(const auto offsets, offsets_value->numbers<std::uint32_t>());
  if (offsets.size() < 2) return XgbCategories();
  TRY_ASSIGN(const auto values, value.numbers<std::int32_t>("values", std::nullopt));
  std::string bytes;
  for (const std::int32_t each : values) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(each)));
  }
  return read_text_categories(offsets, bytes, model);
}

base::Result<void> read_categories(const ModelValue& booster, XgbModel& model) {
  const ModelValue* cats = booster.find("cats");
  const ModelValue* features = cats != nullptr ? cats->find("enc") : nullptr;
  if (features == nullptr || features->items().empty()) return {};
  for (const ModelValue& each : features->items()) {
    TRY_ASSIGN(auto categories, read_feature_categories(each, model));
    model.categories.push_back(std::move(categories));
  }
  return {};
}

// How many values the leaves of a tree have.
base::Result<std::size_t> leaf_width(const ModelValue& tree) {
  const ModelValue* parameters = tree.find("tree_param");
  if (parameters == nullptr) return std::size_t{1};
  TRY_ASSIGN(const std::size_t width, parameter_of(*parameters, "size_leaf_vector", 1));
  return std::max<std::size_t>(width, 1);
}

// The decisions of a tree that was read.
base::Result<void> read_splits(const ModelValue& tree, XgbModel& model) {
  TRY_ASSIGN(const auto nodes, read_xgb_nodes(tree));
  TRY_ASSIGN(const auto gains, tree.numbers<float>("loss_changes", nodes.size()));
  TRY_ASSIGN(const auto covers, tree.numbers<float>("sum_hessian", nodes.size()));
  std::vector<XgbStat> stats(nodes.size());
  for (std::size_t i = 0; i < stats.size(); ++i) {
    stats[i] = {.gain = gains[i], .cover = covers[i]};
  }
  add_xgb_splits(nodes, stats, model);
  return {};
}

// What a reading of the JSON and UBJSON forms is told.
struct XgbReading {
  std::size_t bytes = 0;  // Of the file.
  bool with_splits = false;
};

base::Result<void> read_trees(const ModelValue& booster, XgbReading reading, XgbModel& model) {
  TRY_ASSIGN(const ModelValue* trees, booster.get("trees"));
  TRY_ASSIGN(const auto outputs,
             booster.numbers<std::uint32_t>("tree_info", trees->items().size()));
  XgbBitsBudget budget{kFreeWords + reading.bytes};
  for (std::size_t i = 0; i < trees->items().size(); ++i) {
    const ModelValue& each = trees->items()[i];
    const auto add = [&]() -> base::Result<void> {
      TRY_ASSIGN(const std::size_t width, leaf_width(each));
      if (i == 0) model.ensemble.width = width;
      if (width != model.ensemble.width || (width > 1 && width != model.ensemble.outputs)) {
        return corrupt_xgb(fmt::format("expected {} values for each leaf, got {}",
                                       i == 0 ? model.ensemble.outputs : model.ensemble.width,
                                       width));
      }
      TRY_ASSIGN(Tree tree, read_xgb_tree(each, budget, model.ensemble));
      add_xgb_tree(std::move(tree), outputs[i], model);
      return reading.with_splits ? read_splits(each, model) : base::Result<void>();
    };
    if (auto added = add(); !added.ok()) {
      return std::move(added).error().within(fmt::format("tree {}", i));
    }
  }
  return {};
}

// Releases 1.4 and 1.5 keep how many trees an iteration has only in what they say of the best one.
std::size_t trees_at_once(const XgbModel& model) {
  const auto best = number_in<std::uint32_t>(model.attribute("best_iteration").value_or(""));
  const auto limit = number_in<std::uint32_t>(model.attribute("best_ntree_limit").value_or(""));
  return best && limit ? *limit / (std::size_t{*best} + 1) : 1;
}

base::Result<void> read_iterations(const ModelValue& booster, XgbModel& model) {
  if (booster.find("iteration_indptr") != nullptr) {
    TRY_ASSIGN(const auto begins, booster.numbers<std::uint32_t>("iteration_indptr", std::nullopt));
    model.iterations.assign(begins.begin(), begins.end());
    return {};
  }
  TRY_ASSIGN(const ModelValue* parameters, booster.get("gbtree_model_param"));
  TRY_ASSIGN(const std::size_t parallel,
             parameter_of(*parameters, "num_parallel_tree", trees_at_once(model)));
  set_iterations(parallel, model);
  return {};
}

base::Result<void> read_booster(const ModelValue& booster, XgbReading reading, XgbModel& model) {
  TRY_ASSIGN(model.booster, booster.text("name"));
  if (model.booster == "gblinear") {
    TRY_ASSIGN(const ModelValue* linear, booster.get("model"));
    TRY_ASSIGN(model.linear, linear->numbers<float>("weights", std::nullopt));
    return {};
  }
  const ModelValue* trees = &booster;
  if (model.booster == "dart") {
    TRY_ASSIGN(trees, booster.get("gbtree"));
  } else if (model.booster != "gbtree") {
    return base::Error(base::Code::Unsupported,
                       fmt::format("booster: expected gbtree, dart or gblinear, got {}",
                                   base::quote(model.booster)));
  }
  TRY_ASSIGN(const ModelValue* parts, trees->get("model"));
  TRY(read_trees(*parts, reading, model));
  TRY(read_iterations(*parts, model));
  TRY(read_categories(*parts, model));
  if (model.booster != "dart") return {};
  TRY_ASSIGN(auto weights, booster.numbers<float>("weight_drop", std::nullopt));
  return set_weights(std::move(weights), model);
}

base::Result<XgbModel> read_document(const ModelDocument& document, XgbReading reading) {
  const ModelValue* root = &document.root;
  if (const ModelValue* pickled = root->find("Model")) root = pickled;
  XgbModel model;
  if (root->find("version") != nullptr) {
    TRY_ASSIGN(const auto version, root->numbers<std::int32_t>("version", 3));
    model.major = version[0];
    model.minor = version[1];
  }
  TRY_ASSIGN(const ModelValue* learner, root->get("learner"));
  TRY(read_learner_parameters(*learner, model));
  if (model.ensemble.outputs > kXgbOutputsMax) {
    return corrupt_xgb(
        fmt::format("expected at most {} outputs, got {}", kXgbOutputsMax, model.ensemble.outputs));
  }
  TRY_ASSIGN(const ModelValue* booster, learner->get("gradient_booster"));
  TRY(read_booster(*booster, reading, model));
  return model;
}

base::Result<void> check_counts(const XgbModel& model) {
  const std::size_t features = model.ensemble.features;
  const std::size_t outputs = model.ensemble.outputs;
  const auto check_count = [&](std::string_view what, std::size_t count) -> base::Result<void> {
    if (count == 0 || count == features) return {};
    return corrupt_xgb(fmt::format("{}: expected {}, got {}", base::quote(what), features, count));
  };
  TRY(check_count("feature_names", model.feature_names.size()));
  TRY(check_count("feature_types", model.feature_types.size()));
  TRY(check_count("cats", model.categories.size()));
  if (model.base_scores.size() != 1 && model.base_scores.size() != outputs) {
    return corrupt_xgb(
        fmt::format("\"base_score\": expected 1 or {}, got {}", outputs, model.base_scores.size()));
  }
  if (model.booster == "gblinear") {
    if (model.linear.size() / outputs == features + 1 && model.linear.size() % outputs == 0) {
      return {};
    }
    return corrupt_xgb(fmt::format("\"weights\": expected ({} + 1) x {}, got {}", features, outputs,
                                   model.linear.size()));
  }
  const auto& begins = model.iterations;
  if (begins.empty() || begins.front() != 0 || begins.back() != model.ensemble.trees.size() ||
      !std::is_sorted(begins.begin(), begins.end())) {
    return corrupt_xgb("\"iteration_indptr\": expected to part the trees, got others");
  }
  return check(model.ensemble);
}

// Before 1.3 the trees of a row were added up by themselves.
bool adds_base_last(const XgbModel& model) {
  return model.major == 0 || (model.major == 1 && model.minor < 3);
}

base::Result<XgbModel> read_any(std::string_view bytes, bool with_splits) {
  if (bytes.starts_with(kConfigMark)) {
    // The length is the writer's own, and the model says itself where it ends.
    const std::size_t head = kConfigMark.size() + 8;
    return read_any(bytes.size() > head ? bytes.substr(head) : std::string_view(), with_splits);
  }
  if (!bytes.starts_with('{')) return read_xgb_binary(bytes, with_splits);
  const std::size_t next = bytes.find_first_not_of(" \t\r\n", 1);
  const bool json = next != std::string_view::npos && (bytes[next] == '"' || bytes[next] == '}');
  TRY_ASSIGN(const ModelDocument document,
             json ? parse_model_json(bytes) : parse_model_ubjson(bytes));
  return read_document(document, {.bytes = bytes.size(), .with_splits = with_splits});
}

}  // namespace

std::optional<std::string_view> XgbModel::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return value;
  }
  return std::nullopt;
}

void add_xgb_tree(Tree tree, std::uint32_t output, XgbModel& model) {
  tree.output = model.ensemble.width > 1 ? 0 : output;
  model.ensemble.trees.push_back(std::move(tree));
}

// Until 1.4 the right behind all of the left, as their text is; since then the right before it.
void add_xgb_splits(std::span<const XgbNode> nodes, std::span<const XgbStat> stats,
                    XgbModel& model) {
  const bool right_first = model.major > 1 || (model.major == 1 && model.minor >= 5);
  std::vector<std::int32_t> pending = {0};
  while (!pending.empty()) {
    const auto at = static_cast<std::size_t>(pending.back());
    pending.pop_back();
    const XgbNode& node = nodes[at];
    if (node.left == -1) continue;
    model.splits.push_back({.feature = node.feature,
                            .categorical = node.categorical,
                            .gain = stats[at].gain,
                            .cover = stats[at].cover});
    pending.push_back(right_first ? node.left : node.right);
    pending.push_back(right_first ? node.right : node.left);
  }
}

void set_iterations(std::size_t parallel, XgbModel& model) {
  const std::size_t trees = model.ensemble.trees.size();
  const std::size_t each =
      std::max<std::size_t>(parallel, 1) * (model.ensemble.width > 1 ? 1 : model.ensemble.outputs);
  model.iterations.clear();
  for (std::size_t at = 0; at < trees; at += each) model.iterations.push_back(at);
  model.iterations.push_back(trees);
}

base::Result<void> set_weights(std::vector<float> weights, XgbModel& model) {
  if (weights.size() != model.ensemble.trees.size()) {
    return corrupt_xgb(fmt::format("\"weight_drop\": expected {}, got {}",
                                   model.ensemble.trees.size(), weights.size()));
  }
  model.weights = std::move(weights);
  return {};
}

void keep_first(XgbLimit limit, XgbModel& model) {
  std::size_t kept = model.ensemble.trees.size();
  if (limit.iterations_max > 0 && limit.iterations_max + 1 < model.iterations.size()) {
    kept = model.iterations[limit.iterations_max];
    model.iterations.resize(limit.iterations_max + 1);
  }
  if (limit.trees_max > 0 && limit.trees_max < kept / model.ensemble.outputs) {
    kept = limit.trees_max * model.ensemble.outputs;
  }
  model.ensemble.trees.resize(kept);
  if (!model.weights.empty()) model.weights.resize(kept);
}

base::Result<XgbModel> parse_xgboost(std::string_view bytes, bool with_splits) {
  TRY_ASSIGN(XgbModel model, read_any(bytes, with_splits));
  model.base_last = adds_base_last(model);
  model.ensemble.float32_input = true;
  model.ensemble.float32_sum = true;
  model.ensemble.absent_is_nan = true;
  TRY(check_counts(model));
  return model;
}

bool is_xgboost(std::string_view bytes) {
  if (bytes.starts_with("binf") || bytes.starts_with(kConfigMark)) return true;
  // UBJSON: a key and its length; JSON: the same key.
  if (bytes.starts_with('{')) {
    const std::string_view head = bytes.substr(0, 64);
    return head.find("learner") < 32 || head.find("Config") < 32 || head.find("Model\"") < 32;
  }
  return looks_like_xgb_binary(bytes);
}

}  // namespace forest
