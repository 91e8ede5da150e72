// The text model, lines of key=value:
//
//   tree
//   version=v4
//   num_class=3
//   num_tree_per_iteration=3
//   label_index=0
//   max_feature_idx=47
//   objective=multiclass num_class:3
//   average_output                     only with boosting=rf
//   feature_names=age income ...
//   feature_infos=[17:83] none ...
//   tree_sizes=443 610 ...             bytes of each tree, from its "Tree=" to the next
//
//   Tree=0
//   ...                                see lightgbm_tree.cc
//
//   end of trees                       not in the oldest files
//   ...                                importances and parameters
//   pandas_categorical:[["a", "b"]]    from Python only

#include "forest/lightgbm.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "forest/lightgbm_text.h"
#include "forest/lightgbm_tree.h"

namespace forest {
namespace {

constexpr std::size_t kClassesMax = 1U << 20U;
constexpr std::size_t kFeatureIdxMax = std::numeric_limits<std::int32_t>::max();
constexpr std::string_view kPandasMark = "\npandas_categorical:";

base::Error corrupt(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

enum HeaderKey : std::size_t {
  Version,
  NumClass,
  NumTreePerIteration,
  MaxFeatureIdx,
  Objective,
  AverageOutput,
  FeatureNames,
  FeatureInfos,
  TreeSizes,
};

constexpr std::size_t kHeaderKeys = TreeSizes + 1;

constexpr std::array<std::string_view, kHeaderKeys> kHeaderKeyNames = {
    "version",        "num_class",     "num_tree_per_iteration", "max_feature_idx", "objective",
    "average_output", "feature_names", "feature_infos",          "tree_sizes",
};

using Header = std::array<std::optional<std::string_view>, kHeaderKeys>;

bool ends_header(std::string_view line) {
  return line.starts_with("Tree=") || line == "end of trees";
}

// Takes the header off `text`, which then starts with the first tree or what follows the trees.
base::Result<Header> take_header(std::string_view& text) {
  if (take_line(text) != "tree") return corrupt("expected a first line \"tree\"");
  Header header;
  while (!text.empty()) {
    std::string_view rest = text;
    const std::string_view line = take_line(rest);
    if (ends_header(line)) return header;
    text = rest;
    const auto [key, value] = split_line(line);
    const auto* name = std::find(kHeaderKeyNames.begin(), kHeaderKeyNames.end(), key);
    if (name == kHeaderKeyNames.end()) continue;
    auto& slot = header[static_cast<std::size_t>(name - kHeaderKeyNames.begin())];
    if (slot) return corrupt(fmt::format("{} is said twice", base::quote(key)));
    slot = value;
  }
  return corrupt("the text ends before its trees");
}

base::Result<std::size_t> number(const Header& header, HeaderKey key, std::size_t max) {
  const std::string_view name = kHeaderKeyNames[key];
  if (!header[key]) return corrupt(fmt::format("{} is missing", base::quote(name)));
  std::size_t value = 0;
  if (!read_number(*header[key], value) || value > max) {
    return wrong_value(name, fmt::format("a number up to {}", max), *header[key]);
  }
  return value;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

LightGbmObjective read_objective(std::string_view text) {
  LightGbmObjective objective;
  for (const std::string_view word : split_words(text)) {
    if (objective.name.empty()) {
      objective.name = word;
      continue;
    }
    const std::size_t colon = std::min(word.find(':'), word.size());
    objective.parameters.push_back({std::string(word.substr(0, colon)),
                                    std::string(word.substr(std::min(colon + 1, word.size())))});
  }
  return objective;
}

// `[least:most]` of a number, `none` of a feature without a split, `3:1:2` of categories.
base::Result<void> read_infos(std::string_view text, LightGbmModel& model) {
  const auto infos = split_words(text);
  if (!infos.empty() && infos.size() != model.ensemble.features) {
    return corrupt(fmt::format("\"feature_infos\": expected {} of them, got {}",
                               model.ensemble.features, infos.size()));
  }
  model.categorical_features.resize(model.ensemble.features);
  for (std::size_t f = 0; f < infos.size(); ++f) {
    model.categorical_features[f] = infos[f] != "none" && !infos[f].starts_with("[");
  }
  return {};
}

base::Result<void> read_features(const Header& header, LightGbmModel& model) {
  TRY_ASSIGN(const std::size_t last, number(header, MaxFeatureIdx, kFeatureIdxMax));
  if (!header[FeatureNames]) return corrupt("\"feature_names\" is missing");
  const auto names = split_words(*header[FeatureNames]);
  if (names.size() != last + 1) {
    return corrupt(
        fmt::format("\"feature_names\": expected {} names, got {}", last + 1, names.size()));
  }
  model.feature_names.assign(names.begin(), names.end());
  model.ensemble.features = names.size();
  return read_infos(header[FeatureInfos].value_or(""), model);
}

base::Result<LightGbmModel> read_header(const Header& header) {
  LightGbmModel model;
  model.version = header[Version].value_or("");
  TRY_ASSIGN(model.num_class, number(header, NumClass, kClassesMax));
  model.ensemble.outputs = model.num_class;
  if (header[NumTreePerIteration]) {
    TRY_ASSIGN(model.ensemble.outputs, number(header, NumTreePerIteration, kClassesMax));
  }
  if (model.num_class == 0 || model.ensemble.outputs == 0) {
    return corrupt("expected at least one class, got none");
  }
  model.objective = read_objective(header[Objective].value_or(""));
  model.average_output = header[AverageOutput].has_value();
  TRY(read_features(header, model));
  return model;
}

// Parts the text of the trees. Where the header says their sizes, each must be as it says, so
// that a text cut short or spliced is found even where it still parses.
class TreeTexts {
 public:
  static base::Result<TreeTexts> read(const Header& header, std::string_view text) {
    TreeTexts texts(text);
    if (header[TreeSizes]) {
      const std::string_view value = *header[TreeSizes];
      const auto count =
          static_cast<std::size_t>(std::count(value.begin(), value.end(), ' ')) + !value.empty();
      TRY(read_numbers({kHeaderKeyNames[TreeSizes], value}, count, texts.sizes_));
      texts.sized_ = true;
    }
    return texts;
  }

  // Nothing: there are no more trees.
  base::Result<std::optional<std::string_view>> next() {
    text_.remove_prefix(std::min(text_.find_first_not_of('\n'), text_.size()));
    if (!text_.starts_with("Tree=")) {
      if (sized_ && count_ < sizes_.size()) {
        return corrupt(fmt::format("expected {} trees, got {}", sizes_.size(), count_));
      }
      return std::optional<std::string_view>{};
    }
    if (sized_ && count_ == sizes_.size()) {
      return corrupt(fmt::format("expected {} trees, got more", sizes_.size()));
    }
    const std::size_t end = std::min(text_.find("\n\n"), text_.size());
    const std::size_t after = std::min(text_.find_first_not_of('\n', end), text_.size());
    // A size covers some of the empty lines behind the tree: how many is a matter of release.
    if (sized_ && (sizes_[count_] <= end || sizes_[count_] > after)) {
      return corrupt(
          fmt::format("tree {}: expected {} bytes, got {}", count_, sizes_[count_], after));
    }
    std::string_view tree = text_.substr(0, end);
    text_.remove_prefix(after);
    take_line(tree);
    ++count_;
    return std::optional<std::string_view>{tree};
  }

  std::string_view rest() const { return text_; }

 private:
  explicit TreeTexts(std::string_view text) : text_(text) {}

  std::string_view text_;
  std::vector<std::size_t> sizes_;
  bool sized_ = false;
  std::size_t count_ = 0;
};

std::string find_pandas_categorical(std::string_view text) {
  const std::size_t at = text.rfind(kPandasMark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kPandasMark.size());
  return std::string(take_line(text));
}

// Numbers the leaves of linear trees, of which those without a linear model answer their value.
void finish_linear(LightGbmModel& model) {
  const bool any = std::any_of(model.linear.begin(), model.linear.end(),
                               [](const LinearLeaves& each) { return !each.constants.empty(); });
  if (!any) model.linear.clear();
  model.ensemble.numbered = any;
  for (std::size_t t = 0; t < model.linear.size(); ++t) {
    Tree& tree = model.ensemble.trees[t];
    LinearLeaves& linear = model.linear[t];
    if (linear.constants.empty()) {
      linear.constants = tree.leaf_values;
      linear.begins.assign(tree.leaf_values.size() + 1, 0);
    }
    tree.leaf_numbers.resize(tree.leaf_values.size());
    std::iota(tree.leaf_numbers.begin(), tree.leaf_numbers.end(), 0U);
  }
}

// Gives each tree its output, and drops what is past the iterations wanted.
base::Result<void> finish(LightGbmOptions options, LightGbmModel& model) {
  std::vector<Tree>& trees = model.ensemble.trees;
  const std::size_t outputs = model.ensemble.outputs;
  if (trees.size() % outputs != 0) {
    return corrupt(fmt::format("expected a multiple of {} trees, got {}", outputs, trees.size()));
  }
  for (std::size_t i = 0; i < trees.size(); ++i) {
    trees[i].output = static_cast<std::uint32_t>(i % outputs);
  }
  finish_linear(model);
  TRY(check(model.ensemble));
  model.iterations = trees.size() / outputs;
  if (options.iterations_max != 0 && options.iterations_max < model.iterations) {
    model.iterations = options.iterations_max;
    trees.resize(model.iterations * outputs);
    if (!model.linear.empty()) model.linear.resize(trees.size());
  }
  return {};
}

}  // namespace

std::optional<std::string_view> LightGbmObjective::find(std::string_view parameter) const {
  for (const Parameter& candidate : parameters) {
    if (candidate.name == parameter) return candidate.value;
  }
  return std::nullopt;
}

base::Result<LightGbmModel> parse_lightgbm(std::string_view text, LightGbmOptions options) {
  TRY_ASSIGN(const Header header, take_header(text));
  TRY_ASSIGN(LightGbmModel model, read_header(header));
  TRY_ASSIGN(TreeTexts texts, TreeTexts::read(header, text));
  while (true) {
    TRY_ASSIGN(const auto tree, texts.next());
    if (!tree) break;
    if (auto added = add_lightgbm_tree(*tree, model); !added.ok()) {
      return std::move(added).error().within(fmt::format("tree {}", model.ensemble.trees.size()));
    }
  }
  model.pandas_categorical = find_pandas_categorical(texts.rest());
  TRY(finish(options, model));
  return model;
}

}  // namespace forest
