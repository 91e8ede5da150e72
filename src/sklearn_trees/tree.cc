#include "sklearn_trees/tree.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "plan_scores/link.h"
#include "plan_trees/boosting.h"
#include "plan_trees/groups.h"
#include "plan_trees/trees.h"

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
    if (method == Method::Predict || method == Method::Apply) return true;
    return task_.classifier &&
           (method == Method::PredictProba || method == Method::PredictLogProba);
  }
  std::vector<data::Labels> classes() const override { return task_.classes; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(
        const Port features,
        builder.finite(input, task_.features,
                       {.nan = task_.nan_allowed, .float32_only = true, .dense_only = true}));
    if (method == Method::Apply) {
      Port leaves = builder.add(std::make_shared<plan::Leaves>(features.form, forest_), features,
                                Form::Dense, trees_);
      leaves.flat = task_.alone;
      return leaves;
    }
    Port port =
        builder.add(std::make_shared<plan::Trees>(features.form, trees_, forest_, ensemble_),
                    features, Form::Dense, task_.width);
    if (trees_ > 1) {
      port = builder.add(std::make_shared<plan::Divide>(task_.width, static_cast<double>(trees_)),
                         port, Form::Dense, task_.width);
    }
    if (!task_.classifier) return port;
    return method == Method::Predict ? largest(builder, port)
                                     : probabilities(method, builder, port);
  }

  Port largest(Builder& builder, const Port& port) const {
    const std::size_t outputs = task_.widths.size();
    if (outputs == 1) {
      return builder.add(std::make_shared<Link>(LinkKind::ArgMax, task_.width), port, Form::Dense,
                         1);
    }
    return builder.add(std::make_shared<plan::LargestOfGroups>(task_.widths), port, Form::Dense,
                       outputs);
  }

  Port probabilities(Method method, Builder& builder, Port port) const {
    if (task_.counts) {
      port = builder.add(std::make_shared<plan::SharesOfGroups>(task_.widths), port, Form::Dense,
                         task_.width);
    }
    if (method == Method::PredictProba) return port;
    return builder.add(std::make_shared<plan::LogOfEach>(task_.width), port, Form::Dense,
                       task_.width);
  }

  TreeTask task_;
  std::size_t trees_;
  std::shared_ptr<const forest::Forest> forest_;
  std::shared_ptr<const forest::Ensemble> ensemble_;
};

// Values of the nodes: [nodes, outputs, classes], as many classes as the output of most has. A
// classifier's were weighted counts up to 1.3 and are fractions from 1.4 on; predict_proba of the
// old ones divides by their sum.
base::Result<pickle::Viewed<double>> read_tree_values(const Object& object,
                                                      const TreeArrays& arrays,
                                                      const TreeTask& task) {
  const std::size_t most = *std::max_element(task.widths.begin(), task.widths.end());
  const std::size_t row = task.widths.size() * most;
  if (arrays.values->elements() / row != arrays.nodes || arrays.values->elements() % row != 0) {
    return object.unexpected("tree_", fmt::format("{} values for each node", row),
                             std::to_string(arrays.values->elements()));
  }
  const bool shares = task.classifier && !task.counts && object.release() < Release{1, 4};
  if (row == task.width && !shares) return pickle::view_doubles(*arrays.values);
  TRY_ASSIGN(const auto all, pickle::view_doubles(*arrays.values));
  std::vector<double> values(arrays.nodes * task.width);
  std::vector<double> group(most);
  double* to = values.data();
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    for (std::size_t k = 0; k < task.widths.size(); ++k) {
      const std::size_t width = task.widths[k];
      for (std::size_t c = 0; c < width; ++c) group[c] = all.numbers[i * row + k * most + c];
      if (shares) {
        plan::put_shares(group.data(), width, to);
      } else {
        std::copy_n(group.begin(), width, to);
      }
      to += width;
    }
  }
  return pickle::Viewed<double>::of(std::move(values));
}

}  // namespace

base::Result<std::size_t> read_tree_features(const Object& object) {
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

namespace {

// classes_ of each output. A tree of a forest has the numbers of its classes there.
base::Result<std::vector<data::Labels>> read_tree_classes(const Object& object, Reader& reader,
                                                          std::size_t outputs) {
  std::vector<data::Labels> classes;
  if (outputs == 1) {
    TRY_ASSIGN(classes.emplace_back(), object.labels("classes_"));
  } else {
    TRY_ASSIGN(const auto items, object.list("classes_"));
    for (const Value item : items) {
      auto labels = labels_of(item);
      if (!labels.ok()) return object.unexpected("classes_", "labels of one type", item);
      // Outputs can share one list, which costs a file nothing.
      if (!reader.spend(data::label_count(*labels))) {
        return object.unsupported("classes_", "fewer classes of all outputs", "more");
      }
      classes.push_back(*std::move(labels));
    }
  }
  const auto none = [](const data::Labels& each) { return data::label_count(each) == 0; };
  if (classes.size() != outputs || std::any_of(classes.begin(), classes.end(), none)) {
    return object.unexpected("classes_", fmt::format("classes of {} outputs", outputs),
                             std::to_string(classes.size()));
  }
  return classes;
}

}  // namespace

base::Result<TreeTask> read_tree_task(const Object& object, Reader& reader, bool classifier) {
  TreeTask task{.classifier = classifier};
  TRY_ASSIGN(task.features, read_tree_features(object));
  TRY_ASSIGN(const auto outputs, object.integer("n_outputs_"));
  if (outputs < 1 || outputs > 1'000'000) {
    return object.unsupported("n_outputs_", "1 to 1000000", std::to_string(outputs));
  }
  task.widths.assign(static_cast<std::size_t>(outputs), 1);
  if (classifier) {
    TRY_ASSIGN(task.classes, read_tree_classes(object, reader, task.widths.size()));
    for (std::size_t k = 0; k < task.widths.size(); ++k) {
      task.widths[k] = data::label_count(task.classes[k]);
    }
  }
  task.width = std::accumulate(task.widths.begin(), task.widths.end(), std::size_t{0});
  return task;
}

bool tree_takes_nan(const Object& tree) {
  const Release release = tree.release();
  const auto text = [&](std::string_view attribute) {
    const auto value = tree.find(attribute);
    return value ? value->as_string().value_or("") : "";
  };
  const std::string_view splitter = text("splitter");
  const std::string_view criterion = text("criterion");
  const bool extra = tree.class_name().starts_with("Extra");
  if (release < (extra ? Release{1, 6} : Release{1, 3})) return false;
  if (extra && splitter != "random") return false;
  if (release >= Release{1, 9}) return true;
  if (tree.has("monotonic_cst") || criterion == "absolute_error") return false;
  return extra || splitter == "best" || release >= Release{1, 6};
}

namespace {

// The records of a fitted tree's nodes, and the state that they lie in; null where there are none.
const pickle::Array* find_nodes(Value tree) {
  const pickle::Record* record = tree.record();
  if (record == nullptr || record->name() != "Tree" || !record->state) return nullptr;
  const auto nodes = tree.find("nodes");
  return nodes ? nodes->array() : nullptr;
}

}  // namespace

base::Result<TreeArrays> read_tree_arrays(const Object& object) {
  TRY_ASSIGN(const Value tree, object.get("tree_"));
  TreeArrays arrays;
  arrays.records = find_nodes(tree);
  if (arrays.records == nullptr) {
    return object.unexpected("tree_", "a sklearn.tree._tree.Tree with nodes", tree);
  }
  const pickle::Array& nodes = *arrays.records;
  arrays.nodes = static_cast<std::size_t>(nodes.elements());
  TRY_ASSIGN(arrays.left, pickle::view_int64s(nodes, "left_child"));
  TRY_ASSIGN(arrays.right, pickle::view_int64s(nodes, "right_child"));
  TRY_ASSIGN(arrays.feature, pickle::view_int64s(nodes, "feature"));
  TRY_ASSIGN(arrays.threshold, pickle::view_doubles(nodes, "threshold"));
  if (pickle::find_field(nodes.dtype, "missing_go_to_left") != nullptr) {
    TRY_ASSIGN(arrays.missing, pickle::view_flags(nodes, "missing_go_to_left"));
  }
  const auto value = tree.find("values");
  arrays.values = value ? value->array() : nullptr;
  if (arrays.values == nullptr) {
    return object.unexpected("tree_", "values of nodes", value ? describe(*value) : "none");
  }
  return arrays;
}

base::Result<forest::Tree> make_tree(const Object& object, const TreeArrays& arrays,
                                     const base::Strided<double>& values, std::size_t width,
                                     std::uint32_t output) {
  auto made = forest::make_sklearn_tree({.children_left = arrays.left.numbers,
                                         .children_right = arrays.right.numbers,
                                         .feature = arrays.feature.numbers,
                                         .threshold = arrays.threshold.numbers,
                                         .missing_go_to_left = arrays.missing.numbers,
                                         .values = values},
                                        width, output);
  if (!made.ok()) return std::move(made).error().within(object.title());
  return made;
}

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

std::size_t count_children(const Object& forest, std::span<const Value> trees) {
  std::size_t children = 0;
  for (const Value item : trees) {
    const auto tree = Object::of(item, forest.release());
    if (tree.ok()) children += count_children(*tree);
  }
  return children;
}

base::Result<TreeMeanMaker> TreeMeanMaker::start(TreeTask task, std::size_t children,
                                                 const Reader& reader) {
  forest::Ensemble shape;
  shape.features = task.features;
  shape.outputs = task.width;
  shape.width = task.width;
  shape.float32_input = true;
  shape.numbered = true;
  std::shared_ptr<forest::Ensemble> kept;
  if (reader.options().keep_trees) kept = std::make_shared<forest::Ensemble>(shape);
  TRY_ASSIGN(auto forest, forest::ForestMaker::start(std::move(shape), children, true));
  return TreeMeanMaker(std::move(task), std::move(forest), std::move(kept));
}

base::Result<void> TreeMeanMaker::add(const Object& object) {
  TRY_ASSIGN(const TreeArrays arrays, read_tree_arrays(object));
  TRY_ASSIGN(const auto values, read_tree_values(object, arrays, task_));
  TRY_ASSIGN(forest::Tree tree, make_tree(object, arrays, values.numbers, task_.width));
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
  TRY_ASSIGN(TreeTask task, read_tree_task(object, reader, classifier));
  task.nan_allowed = tree_takes_nan(object);
  task.alone = true;
  // The tree itself chooses by the counts, which can differ where their shares are rounded alike.
  task.counts = classifier && object.release() < Release{1, 4};
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
