#include "sklearn/tree.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "forest/forest_maker.h"
#include "forest/sklearn_tree.h"
#include "pickle/numbers.h"
#include "plan/link.h"
#include "plan/trees.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Link;
using plan::LinkKind;
using plan::Method;
using plan::Port;

class TreeMean final : public Estimator {
 public:
  TreeMean(TreeTask task, std::size_t trees, std::shared_ptr<const forest::Forest> forest,
           std::shared_ptr<const forest::Ensemble> ensemble)
      : task_(std::move(task)),
        trees_(trees),
        forest_(std::move(forest)),
        ensemble_(std::move(ensemble)) {}

  bool has(Method method) const override {
    return method == Method::Predict || (task_.classifier && method == Method::PredictProba);
  }
  std::vector<data::Labels> classes() const override {
    return task_.classifier ? std::vector{task_.classes} : std::vector<data::Labels>();
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(
        const Port features,
        builder.finite(input, task_.features, {.nan = task_.nan_allowed, .float32_only = true}));
    Port port =
        builder.add(std::make_shared<plan::Trees>(features.form, trees_, forest_, ensemble_),
                    features, Form::Dense, task_.width);
    if (trees_ > 1) {
      port = builder.add(std::make_shared<plan::Divide>(task_.width, static_cast<double>(trees_)),
                         port, Form::Dense, task_.width);
    }
    if (method == Method::PredictProba || !task_.classifier) return port;
    return builder.add(std::make_shared<Link>(LinkKind::ArgMax, task_.width), port, Form::Dense, 1);
  }

  TreeTask task_;
  std::size_t trees_;
  std::shared_ptr<const forest::Forest> forest_;
  std::shared_ptr<const forest::Ensemble> ensemble_;
};

// Values of the nodes: [nodes, outputs, classes]. A classifier's were weighted counts up to 1.2
// and are fractions from 1.3 on; predict_proba of the old ones divides by their sum.
base::Result<pickle::Viewed<double>> read_values(const Object& object, Value state,
                                                 const TreeTask& task, std::size_t nodes) {
  const auto value = state.find("values");
  const pickle::Array* array = value ? value->array() : nullptr;
  if (array == nullptr || array->elements() != nodes * task.width) {
    return object.unexpected("tree_", fmt::format("{} values for each node", task.width),
                             value ? describe(*value) : "none");
  }
  if (!task.classifier || object.release() >= Release{1, 3}) return pickle::view_doubles(*array);
  TRY_ASSIGN(std::vector<double> values, pickle::to_doubles(*array));
  for (std::size_t i = 0; i < nodes; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < task.width; ++k) sum += values[i * task.width + k];
    if (sum == 0) continue;
    for (std::size_t k = 0; k < task.width; ++k) values[i * task.width + k] /= sum;
  }
  return pickle::Viewed<double>::of(std::move(values));
}

// When estimators began to take NaN (their allow_nan tag).
bool takes_nan(const Object& object) {
  if (object.has("monotonic_cst")) return false;
  const std::string_view name = object.class_name();
  if (name.starts_with("DecisionTree")) return object.release() >= Release{1, 3};
  if (name.starts_with("RandomForest")) return object.release() >= Release{1, 4};
  return object.release() >= Release{1, 6};
}

base::Result<std::size_t> read_features(const Object& object) {
  for (const char* attribute : {"n_features_in_", "n_features_", "_n_features"}) {
    if (!object.has(attribute)) continue;
    TRY_ASSIGN(const auto features, object.integer(attribute));
    if (features > 0 && features < std::numeric_limits<std::int32_t>::max()) {
      return static_cast<std::size_t>(features);
    }
    return object.unexpected(attribute, "a number of features", std::to_string(features));
  }
  return object.unexpected("n_features_in_", "a number of features", "none");
}

}  // namespace

base::Result<TreeTask> read_tree_task(const Object& object, bool classifier) {
  TreeTask task{.classifier = classifier};
  TRY_ASSIGN(task.features, read_features(object));
  TRY_ASSIGN(const auto outputs, object.integer("n_outputs_"));
  if (outputs < 1 || outputs > 1'000'000 || (classifier && outputs != 1)) {
    return object.unsupported("n_outputs_", classifier ? "1" : "1 to 1000000",
                              std::to_string(outputs));
  }
  task.width = static_cast<std::size_t>(outputs);
  if (classifier) {
    TRY_ASSIGN(task.classes, object.labels("classes_"));
    task.width = data::label_count(task.classes);
    if (task.width == 0) return object.unexpected("classes_", "at least one class", "none");
  }
  task.nan_allowed = takes_nan(object);
  return task;
}

namespace {

// The records of a fitted tree's nodes, and the state that they lie in; null where there are none.
const pickle::Array* find_nodes(Value tree) {
  const pickle::Record* record = tree.record();
  if (record == nullptr || record->name() != "Tree" || !record->state) return nullptr;
  const auto nodes = tree.find("nodes");
  return nodes ? nodes->array() : nullptr;
}

base::Result<forest::Tree> read_fitted_tree(const Object& object, const TreeTask& task) {
  TRY_ASSIGN(const Value tree, object.get("tree_"));
  const pickle::Array* nodes = find_nodes(tree);
  if (nodes == nullptr) {
    return object.unexpected("tree_", "a sklearn.tree._tree.Tree with nodes", tree);
  }
  const auto count = static_cast<std::size_t>(nodes->elements());
  TRY_ASSIGN(const auto left, pickle::view_int64s(*nodes, "left_child"));
  TRY_ASSIGN(const auto right, pickle::view_int64s(*nodes, "right_child"));
  TRY_ASSIGN(const auto feature, pickle::view_int64s(*nodes, "feature"));
  TRY_ASSIGN(const auto threshold, pickle::view_doubles(*nodes, "threshold"));
  pickle::Viewed<std::uint8_t> missing;
  if (pickle::find_field(nodes->dtype, "missing_go_to_left") != nullptr) {
    TRY_ASSIGN(missing, pickle::view_flags(*nodes, "missing_go_to_left"));
  }
  TRY_ASSIGN(const auto values, read_values(object, *tree.record()->state, task, count));
  auto made = forest::make_sklearn_tree({.children_left = left.numbers,
                                         .children_right = right.numbers,
                                         .feature = feature.numbers,
                                         .threshold = threshold.numbers,
                                         .missing_go_to_left = missing.numbers,
                                         .values = values.numbers},
                                        task.width);
  if (!made.ok()) return std::move(made).error().within(object.title());
  return made;
}

}  // namespace

// Records without these fields cost a file nothing, however many it says there are.
std::size_t count_children(const Object& object) {
  const auto tree = object.get("tree_");
  const pickle::Array* nodes = tree.ok() ? find_nodes(*tree) : nullptr;
  if (nodes == nullptr) return 0;
  for (const char* field : {"left_child", "right_child", "feature", "threshold"}) {
    if (pickle::find_field(nodes->dtype, field) == nullptr) return 0;
  }
  // Of the nodes all but the root are children; a lone leaf is stored as two.
  return std::max<std::size_t>(nodes->elements(), 3) - 1;
}

base::Result<TreeMeanMaker> TreeMeanMaker::start(TreeTask task, std::size_t children,
                                                 const Reader& reader) {
  forest::Ensemble shape;
  shape.features = task.features;
  shape.outputs = task.width;
  shape.width = task.width;
  shape.float32_input = true;
  std::shared_ptr<forest::Ensemble> kept;
  if (reader.options().keep_trees) kept = std::make_shared<forest::Ensemble>(shape);
  TRY_ASSIGN(auto forest, forest::ForestMaker::start(std::move(shape), children, true));
  return TreeMeanMaker(std::move(task), std::move(forest), std::move(kept));
}

base::Result<void> TreeMeanMaker::add(const Object& object) {
  TRY_ASSIGN(forest::Tree tree, read_fitted_tree(object, task_));
  TRY(forest_->add(tree));
  if (kept_ != nullptr) kept_->trees.push_back(std::move(tree));
  ++trees_;
  return {};
}

std::unique_ptr<Estimator> TreeMeanMaker::finish() && {
  return std::make_unique<TreeMean>(std::move(task_), trees_,
                                    std::make_shared<forest::Forest>(std::move(*forest_).finish()),
                                    std::move(kept_));
}

namespace {

Made read_tree(const Object& object, Reader& reader, bool classifier) {
  TRY_ASSIGN(TreeTask task, read_tree_task(object, classifier));
  TRY_ASSIGN(TreeMeanMaker maker,
             TreeMeanMaker::start(std::move(task), count_children(object), reader));
  TRY(maker.add(object));
  return std::move(maker).finish();
}

Made read_tree_classifier(const Object& object, Reader& reader) {
  return read_tree(object, reader, true);
}

Made read_tree_regressor(const Object& object, Reader& reader) {
  return read_tree(object, reader, false);
}

constexpr Entry kTree[] = {
    {"sklearn.tree", "DecisionTreeClassifier", read_tree_classifier},
    {"sklearn.tree", "DecisionTreeRegressor", read_tree_regressor},
    {"sklearn.tree", "ExtraTreeClassifier", read_tree_classifier},
    {"sklearn.tree", "ExtraTreeRegressor", read_tree_regressor},
};

}  // namespace

std::span<const Entry> tree_entries() { return kTree; }

}  // namespace sklearn
