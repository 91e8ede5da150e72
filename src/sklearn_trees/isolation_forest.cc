#include "sklearn_trees/isolation_forest.h"

#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_trees/isolation.h"
#include "plan_trees/trees.h"
#include "sklearn_trees/tree.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::IsolationScore;
using plan::Method;
using plan::Port;

class IsolationForest final : public Estimator {
 public:
  struct Parts {
    std::size_t features = 0;
    std::size_t trees = 0;
    bool scores = true;      // Has score_samples.
    bool takes_all = false;  // NaN and infinity too.
    IsolationScore::Settings settings;
    std::shared_ptr<const forest::Forest> forest;
  };
  explicit IsolationForest(Parts parts) : parts_(std::move(parts)) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction ||
           (method == Method::ScoreSamples && parts_.scores);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    using Answer = IsolationScore::Answer;
    TRY_ASSIGN(const Port features,
               parts_.takes_all ? builder.numeric(input, parts_.features)
                                : builder.finite(input, parts_.features, {.float32_only = true}));
    const Port depths = builder.add(
        std::make_shared<plan::Trees>(features.form, parts_.trees, parts_.forest, nullptr),
        features, Form::Dense, 1);
    Answer answer = Answer::Score;
    if (method != Method::ScoreSamples) {
      answer = method == Method::Predict ? Answer::Side : Answer::Decision;
    }
    return builder.add(std::make_shared<IsolationScore>(answer, parts_.settings), depths,
                       Form::Dense, 1);
  }

  Parts parts_;
};

// How long a search for one of `samples` in a tree of them takes on average. Before 0.21 it was
// one for a single sample, and the formula for two.
double average_path_length(double samples, bool old) {
  if (samples <= 1) return old ? 1 : 0;
  if (samples == 2 && !old) return 1;
  return 2.0 * (std::log(samples - 1.0) + std::numbers::egamma) - 2.0 * (samples - 1.0) / samples;
}

// How many nodes lie on the way to each, itself included. What is no tree is the forest's to
// refuse; scikit-learn numbers every child after its parent.
std::vector<double> node_depths(const TreeArrays& arrays) {
  std::vector<double> depths(arrays.nodes, 1);
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    for (const std::int64_t child : {arrays.left.numbers[i], arrays.right.numbers[i]}) {
      if (child > 0 && static_cast<std::size_t>(child) < arrays.nodes) {
        depths[static_cast<std::size_t>(child)] = depths[i] + 1;
      }
    }
  }
  return depths;
}

// What each node adds to the sum of a row that ends in it. Since 1.4 the file says the two parts.
base::Result<std::vector<double>> read_node_values(const Object& tree, const TreeArrays& arrays,
                                                   std::optional<Value> known_lengths) {
  TRY_ASSIGN(const auto samples, pickle::view_int64s(*arrays.records, "n_node_samples"));
  const bool old = tree.release() < Release{0, 21};
  std::vector<double> lengths;
  if (known_lengths) {
    TRY_ASSIGN(lengths, doubles_of(*known_lengths));
  } else {
    lengths.resize(arrays.nodes);
    for (std::size_t i = 0; i < arrays.nodes; ++i) {
      lengths[i] = average_path_length(static_cast<double>(samples.numbers[i]), old);
    }
  }
  if (lengths.size() != arrays.nodes) {
    return tree.unexpected("_average_path_length_per_tree", fmt::format("{} numbers", arrays.nodes),
                           std::to_string(lengths.size()));
  }
  std::vector<double> values = node_depths(arrays);
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    values[i] = old ? (values[i] - 1) + lengths[i] : values[i] + lengths[i] - 1.0;
  }
  return values;
}

// A tree that saw only some of the features numbers those from zero.
base::Result<void> rename_features(const Object& forest, Value names, TreeArrays& arrays) {
  TRY_ASSIGN(const auto known, doubles_of(names));
  std::vector<std::int64_t> renamed(arrays.nodes);
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    const std::int64_t feature = arrays.feature.numbers[i];
    renamed[i] = feature;
    if (feature < 0) continue;
    if (static_cast<std::size_t>(feature) >= known.size()) {
      return forest.unexpected("estimators_features_",
                               fmt::format("more than {} features", feature),
                               std::to_string(known.size()));
    }
    const double name = known[static_cast<std::size_t>(feature)];
    renamed[i] = name >= 0 && name < 2147483648.0 ? static_cast<std::int64_t>(name) : -1;
  }
  arrays.feature = pickle::Viewed<std::int64_t>::of(std::move(renamed));
  return {};
}

struct IsolationSources {
  std::vector<Value> trees;
  std::vector<Value> names;    // Of the features of each tree; none: it saw all.
  std::vector<Value> lengths;  // Of each tree; none: they are to be computed.
};

base::Result<std::vector<Value>> read_one_each(const Object& object, std::string_view attribute,
                                               std::size_t count) {
  TRY_ASSIGN(auto items, object.list(attribute));
  if (items.size() == count) return items;
  return object.unexpected(attribute, fmt::format("one for each of {} trees", count),
                           std::to_string(items.size()));
}

base::Result<IsolationSources> read_isolation_sources(const Object& object, std::size_t features) {
  IsolationSources sources;
  TRY_ASSIGN(sources.trees, object.list("estimators_"));
  if (sources.trees.empty()) return object.unexpected("estimators_", "at least one tree", "none");
  TRY_ASSIGN(const auto seen, object.integer("_max_features"));
  if (seen != static_cast<std::int64_t>(features)) {
    TRY_ASSIGN(sources.names, read_one_each(object, "estimators_features_", sources.trees.size()));
  }
  if (object.has("_average_path_length_per_tree")) {
    TRY_ASSIGN(sources.lengths,
               read_one_each(object, "_average_path_length_per_tree", sources.trees.size()));
  }
  return sources;
}

base::Result<std::shared_ptr<const forest::Forest>> read_isolation_trees(
    const Object& object, const IsolationSources& sources, std::size_t features) {
  forest::Ensemble shape;
  shape.features = features;
  shape.float32_input = true;
  TRY_ASSIGN(const auto maker, forest::ForestMaker::start(
                                   std::move(shape), count_children(object, sources.trees), true));
  TRY(for_each_tree(
      object, sources.trees, [&](const Object& tree, std::size_t i) -> base::Result<void> {
        TRY_ASSIGN(TreeArrays arrays, read_tree_arrays(tree));
        if (!sources.names.empty()) TRY(rename_features(object, sources.names[i], arrays));
        TRY_ASSIGN(
            const auto values,
            read_node_values(
                tree, arrays,
                sources.lengths.empty() ? std::nullopt : std::optional<Value>(sources.lengths[i])));
        TRY_ASSIGN(const forest::Tree made, make_tree(tree, arrays, values, 1));
        return maker->add(made);
      }));
  return std::make_shared<const forest::Forest>(std::move(*maker).finish());
}

base::Result<IsolationScore::Settings> read_isolation_settings(const Object& object,
                                                               std::size_t trees) {
  const Release release = object.release();
  const bool old = release < Release{0, 21};
  TRY_ASSIGN(const double samples,
             object.number(object.has("_max_samples") ? "_max_samples" : "max_samples_"));
  const double length = average_path_length(samples, old);
  const auto count = static_cast<double>(trees);
  IsolationScore::Settings settings;
  settings.mean_of = old ? count : 0;
  settings.by = old ? length : count * length;
  settings.one_where_by_is_zero = release >= Release{1, 0};
  if (release < Release{0, 20}) {
    settings.from_half = true;
    settings.threshold_is_outlier = true;
    TRY_ASSIGN(settings.threshold, object.number("threshold_"));
    return settings;
  }
  TRY_ASSIGN(settings.offset, object.number("offset_"));
  if (release < Release{0, 22} && object.has("_threshold_")) {
    TRY_ASSIGN(settings.threshold, object.number("_threshold_"));
  }
  return settings;
}

Made read_isolation_forest(const Object& object, Reader&) {
  IsolationForest::Parts parts;
  TRY_ASSIGN(parts.features, read_tree_features(object));
  TRY_ASSIGN(const IsolationSources sources, read_isolation_sources(object, parts.features));
  parts.trees = sources.trees.size();
  parts.scores = object.release() >= Release{0, 20};
  parts.takes_all = object.release() >= Release{1, 6};
  TRY_ASSIGN(parts.settings, read_isolation_settings(object, parts.trees));
  TRY_ASSIGN(parts.forest, read_isolation_trees(object, sources, parts.features));
  return std::make_unique<IsolationForest>(std::move(parts));
}

constexpr Entry kIsolationForest[] = {
    {"sklearn.ensemble", "IsolationForest", read_isolation_forest},
};

}  // namespace

std::span<const Entry> isolation_forest_entries() { return kIsolationForest; }

}  // namespace sklearn
