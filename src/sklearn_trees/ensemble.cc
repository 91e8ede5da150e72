#include "sklearn_trees/ensemble.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_trees/leaf_columns.h"
#include "plan_trees/trees.h"
#include "sklearn_trees/tree.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// Random forests and extra trees: the mean of the trees' answers, summed in their order.
Made read_forest(const Object& object, Reader& reader, bool classifier) {
  TRY_ASSIGN(TreeTask task, read_tree_task(object, reader, classifier));
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  if (items.empty()) return object.unexpected("estimators_", "at least one tree", "none");
  // Forests ask their first tree, and do so since 1.4.
  TRY_ASSIGN(const Object first, Object::of(items.front(), object.release()));
  task.nan_allowed = object.release() >= Release{1, 4} && tree_takes_nan(first);
  TRY_ASSIGN(TreeMeanMaker maker,
             TreeMeanMaker::start(std::move(task), count_children(object, items), reader));
  TRY(for_each_tree(object, items,
                    [&](const Object& tree, std::size_t) { return maker.add(tree); }));
  return std::move(maker).finish();
}

Made read_forest_classifier(const Object& object, Reader& reader) {
  return read_forest(object, reader, true);
}

Made read_forest_regressor(const Object& object, Reader& reader) {
  return read_forest(object, reader, false);
}

// RandomTreesEmbedding: a one in the column of the leaf of each tree.
class TreesEmbedding final : public Estimator {
 public:
  struct Parts {
    std::size_t features = 0;
    std::size_t trees = 0;
    bool nan_allowed = false;
    bool sparse = true;
    std::vector<std::string> names;  // Of the columns.
    std::shared_ptr<const forest::Forest> forest;
  };
  explicit TreesEmbedding(Parts parts) : parts_(std::move(parts)) {}

  bool has(Method method) const override {
    return method == Method::Transform || method == Method::Apply;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(
        const Port features,
        builder.finite(input, parts_.features,
                       {.nan = parts_.nan_allowed, .float32_only = true, .dense_only = true}));
    if (method == Method::Apply) {
      return builder.add(std::make_shared<plan::Leaves>(features.form, parts_.forest), features,
                         Form::Dense, parts_.trees);
    }
    const Port columns = builder.add(
        std::make_shared<plan::Trees>(features.form, parts_.trees, parts_.forest, nullptr),
        features, Form::Dense, parts_.trees);
    const Form form = parts_.sparse ? Form::Sparse : Form::Dense;
    return builder.add(std::make_shared<plan::OnesAt>(form, parts_.names.size()), columns, form,
                       parts_.names.size(), parts_.names);
  }

  Parts parts_;
};

// The leaves of each tree that have a column, in the columns' order.
base::Result<std::vector<std::vector<std::int64_t>>> read_leaf_columns(const Object& encoder,
                                                                       std::size_t trees) {
  std::vector<std::vector<std::int64_t>> leaves(trees);
  if (encoder.has("categories_")) {
    TRY_ASSIGN(const auto items, encoder.list("categories_"));
    for (std::size_t t = 0; t < items.size() && t < trees; ++t) {
      TRY_ASSIGN(const auto numbers, doubles_of(items[t]));
      leaves[t].assign(numbers.begin(), numbers.end());
    }
    if (items.size() == trees) return leaves;
    return encoder.unexpected("categories_", fmt::format("{} lists", trees),
                              std::to_string(items.size()));
  }
  // Before 0.20: where each tree's leaves begin, and which of all were seen.
  TRY_ASSIGN(const auto starts, encoder.integers("feature_indices_"));
  TRY_ASSIGN(const auto active, encoder.integers("active_features_"));
  if (starts.size() != trees + 1) {
    return encoder.unexpected("feature_indices_", fmt::format("{} numbers", trees + 1),
                              std::to_string(starts.size()));
  }
  std::size_t t = 0;
  for (const std::int64_t at : active) {
    while (t < trees && at >= starts[t + 1]) ++t;
    if (t == trees)
      return encoder.unexpected("active_features_", "seen leaves", std::to_string(at));
    leaves[t].push_back(at - starts[t]);
  }
  return leaves;
}

// The same tree, whose leaves hold the number of their column.
base::Result<forest::Tree> read_embedding_tree(const Object& tree, std::uint32_t output,
                                               std::span<const std::int64_t> leaves,
                                               std::size_t first_column) {
  TRY_ASSIGN(const TreeArrays arrays, read_tree_arrays(tree));
  std::vector<double> columns(arrays.nodes, -1);
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    if (leaves[k] < 0 || static_cast<std::size_t>(leaves[k]) >= arrays.nodes) {
      return tree.unexpected("tree_", fmt::format("a leaf {}", leaves[k]),
                             std::to_string(arrays.nodes));
    }
    columns[static_cast<std::size_t>(leaves[k])] = static_cast<double>(first_column + k);
  }
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    if (arrays.left.numbers[i] == -1 && columns[i] < 0) {
      return tree.unexpected("tree_", "a column for each leaf", fmt::format("none for leaf {}", i));
    }
  }
  return make_tree(tree, arrays, columns, 1, output);
}

Made read_trees_embedding(const Object& object, Reader&) {
  TreesEmbedding::Parts parts;
  TRY_ASSIGN(parts.features, read_tree_features(object));
  TRY_ASSIGN(parts.sparse, object.flag_or("sparse_output", true));
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  TRY_ASSIGN(const auto encoder_value, object.get("one_hot_encoder_"));
  TRY_ASSIGN(const Object encoder, Object::of(encoder_value, object.release()));
  TRY_ASSIGN(const auto leaves, read_leaf_columns(encoder, items.size()));
  if (items.empty()) return object.unexpected("estimators_", "at least one tree", "none");
  parts.trees = items.size();
  forest::Ensemble shape;
  shape.features = parts.features;
  shape.outputs = parts.trees;
  shape.float32_input = true;
  shape.numbered = true;
  TRY_ASSIGN(const auto maker,
             forest::ForestMaker::start(std::move(shape), count_children(object, items), true));
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t i) -> base::Result<void> {
    if (i == 0) parts.nan_allowed = object.release() >= Release{1, 4} && tree_takes_nan(tree);
    TRY_ASSIGN(const forest::Tree made, read_embedding_tree(tree, static_cast<std::uint32_t>(i),
                                                            leaves[i], parts.names.size()));
    for (const std::int64_t leaf : leaves[i]) {
      parts.names.push_back(fmt::format("randomtreesembedding_{}_{}", i, leaf));
    }
    return maker->add(made);
  }));
  parts.forest = std::make_shared<forest::Forest>(std::move(*maker).finish());
  return std::make_unique<TreesEmbedding>(std::move(parts));
}

constexpr Entry kEnsemble[] = {
    {"imblearn", "BalancedRandomForestClassifier", read_forest_classifier},
    {"sklearn.ensemble", "ExtraTreesClassifier", read_forest_classifier},
    {"sklearn.ensemble", "ExtraTreesRegressor", read_forest_regressor},
    {"sklearn.ensemble", "RandomForestClassifier", read_forest_classifier},
    {"sklearn.ensemble", "RandomForestRegressor", read_forest_regressor},
    {"sklearn.ensemble", "RandomTreesEmbedding", read_trees_embedding},
};

}  // namespace

std::span<const Entry> ensemble_entries() { return kEnsemble; }

}  // namespace sklearn
